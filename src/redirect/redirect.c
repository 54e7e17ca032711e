/* SPDX-License-Identifier: MIT
 *
 * What stays in a dump besides the program: the system calls in which the kernel treats a
 * private mapping of a file differently from anonymous memory.
 *
 * The memory of a dump is lazily mapped from its file: that is why it starts fast. Programs,
 * allocators and collectors rely on what anonymous memory does, so their calls are redirected
 * here (src/analysis/redirect.c). Call, and what the kernel does to a private file mapping:
 *
 *   mremap, growing            shows the file's next bytes, SIGBUS after its end
 *   mremap of several mappings EFAULT: what was one mapping may be several
 *   mremap, DONTUNMAP          the old place reads the file's bytes again
 *   MADV_DONTNEED, _LOCKED     the file's bytes again instead of zeros
 *   MADV_FREE, WIPEONFORK,
 *   COLLAPSE                   EINVAL
 *   MADV_GUARD_INSTALL         EINVAL before 6.15; later, removal uncovers the file's bytes
 *   MADV_REMOVE                EACCES instead of EINVAL
 *   DONTFORK, DONTDUMP, …      same; but the flags would be lost with a part given back later
 *   pkey_mprotect, mbind,
 *   mlock                      same; key, policy or lock would be lost in that way, too
 *
 * libunexec(7) has the whole table, with the calls that are not redirected.
 */
#include "redirect.h"

/* The system call `number`, for redirect.S. */
long redirect(const struct redirect_table *table, long number, const uint64_t arguments[6]);

/* What the call does to the mapping stays with it from then on. */
static void make_anonymous_first(const struct redirect_table *table, const uint64_t arguments[6])
{
	struct span span = { arguments[0], arguments[0] + ((arguments[1] + PAGE - 1) & -PAGE) };

	if (!(span.start % PAGE) && span.start < span.end && table_touches(table, span, false))
		memory_make_anonymous(table, span, CONTENT_KEPT);
}

long redirect(const struct redirect_table *table, long number, const uint64_t arguments[6])
{
	switch (number) {
	case __NR_madvise:
		return redirect_madvise(table, arguments[0], arguments[1], (int)arguments[2]);
	case __NR_process_madvise:
		return redirect_process_madvise(table, arguments);
	case __NR_mremap:
		return redirect_mremap(table, arguments);
	case __NR_pkey_mprotect:
	case __NR_mbind:
	case __NR_mlock:
	case __NR_mlock2:
		make_anonymous_first(table, arguments);
	}
	return sys(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		   arguments[5]);
}
