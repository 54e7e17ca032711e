/* SPDX-License-Identifier: MIT
 *
 * The code that stays in a dump besides the program. It replaces system calls in which the
 * kernel treats a private file mapping differently from anonymous memory.
 *
 * A start is fast because the dump's memory is lazily mapped from its file. But programs,
 * allocators and collectors rely on the behaviour of anonymous memory. So their calls are
 * redirected here (src/analysis/redirect.c). On a private file mapping, the kernel behaves as
 * follows:
 *
 *   mremap, growing            maps the file's next bytes, SIGBUS after its end
 *   mremap of several mappings EFAULT: one mapping of the process may be several in the dump
 *   mremap, DONTUNMAP          the old place reads the file's bytes again
 *   MADV_DONTNEED, _LOCKED     the file's bytes again instead of zeros
 *   MADV_FREE, WIPEONFORK,
 *   COLLAPSE                   EINVAL
 *   MADV_GUARD_INSTALL         EINVAL before 6.15; later, removal uncovers the file's bytes
 *   MADV_REMOVE                EACCES instead of EINVAL
 *   DONTFORK, DONTDUMP, …      same; but a later MADV_DONTNEED of a part would lose the flags
 *   pkey_mprotect, mbind,
 *   mlock                      same; key, policy or lock would be lost in that way, too
 *
 * libunexec(7) has the whole table, with the calls that are not redirected.
 */
#include "arch_start.h"
#include "redirect.h"

/* Does the system call `number`. */
ARCH_REDIRECT_START(redirect_start, redirect);
long redirect(const struct redirect_table *table, long number, const uint64_t arguments[6]);

/* The call changes the mapping. So the mapping must not be replaced later. */
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
