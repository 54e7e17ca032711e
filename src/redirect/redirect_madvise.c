/* SPDX-License-Identifier: MIT
 *
 * madvise() and process_madvise(). Discarded anonymous memory reads as zero. In a private
 * mapping of the dump's file, the kernel would show the file's content again.
 */
#include "redirect.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* since 5.18 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* since 6.1 */
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* since 6.13 */
#endif

enum class {
	CLASS_SAME,    /* the kernel treats both kinds of memory alike */
	CLASS_DISCARD, /* discards memory */
	CLASS_FLAGS,   /* changes the mapping, or requires anonymous memory (madvise(2)) */
	CLASS_REFUSED  /* EINVAL for anonymous memory */
};

static enum class class_of(int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTNEED_LOCKED:
		return CLASS_DISCARD;
	/* If a part was discarded later, its new mapping would not have these flags. */
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	/* The kernel rejects file mappings. */
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLLAPSE:
	/* The removal of the guard would uncover the file's bytes. */
	case MADV_GUARD_INSTALL:
		return CLASS_FLAGS;
	case MADV_REMOVE:
		return CLASS_REFUSED;
	default:
		return CLASS_SAME;
	}
}

/* The kernel has discarded the memory. This makes the parts of the dump's file zero. */
static long discard_of_file(const struct redirect_table *table, struct span span)
{
	/* The kernel rejects locked memory (mm/madvise.c: madvise_dontneed_free_valid_vma). */
	bool locked = sys(__NR_madvise, span.start, PAGE, MADV_DONTNEED) == -EINVAL;

	if (memory_make_anonymous(table, span, CONTENT_ZERO))
		return memory_clear(table, span);
	if (locked)
		sys(__NR_mlock, span.start, span.end - span.start);
	return 0;
}

static long discard(const struct redirect_table *table, struct span span, int advice)
{
	/* The kernel does not free pages of a file lazily. */
	long result = sys(__NR_madvise, span.start, span.end - span.start,
			  advice == MADV_FREE ? MADV_DONTNEED : advice);
	long failed;

	if (result && result != -ENOMEM) /* -ENOMEM: a part is not mapped; the others are done */
		return result;
	failed = discard_of_file(table, span);
	return failed ? failed : result;
}

static long refuse_remove(uint64_t start, uint64_t length, int advice)
{
	long result = sys(__NR_madvise, start, length, advice);

	return result == -EACCES ? -EINVAL : result;
}

long redirect_madvise(const struct redirect_table *table, uint64_t start, uint64_t length,
		      int advice)
{
	struct span span = { start, start + ((length + PAGE - 1) & -PAGE) };
	enum class class = class_of(advice);

	if (class != CLASS_SAME && !(start % PAGE) && span.start < span.end
	    && table_touches(table, span, false)) {
		if (class == CLASS_DISCARD)
			return discard(table, span, advice);
		if (class == CLASS_REFUSED)
			return refuse_remove(start, length, advice);
		memory_make_anonymous(table, span, CONTENT_KEPT);
	}
	return sys(__NR_madvise, start, length, advice);
}

struct vector {
	uint64_t start, length;
};

/* The kernel accepts most advice only for the calling process (mm/madvise.c:
 * process_madvise_remote_valid, since 6.13; before that, for none). A call without ranges
 * succeeds if the process descriptor is the caller's own. */
static bool is_own(const uint64_t arguments[6])
{
	return arguments[3] != MADV_COLLAPSE
	       && !sys(__NR_process_madvise, arguments[0], arguments[1], 0, arguments[3],
		       arguments[4]);
}

/* Harmless advice checks that the list of ranges is readable. */
static bool can_read_vectors(const uint64_t arguments[6])
{
	return arguments[2] <= 1024 /* UIO_MAXIOV */
	       && sys(__NR_process_madvise, arguments[0], arguments[1], arguments[2],
		      MADV_WILLNEED, 0) != -EFAULT;
}

long redirect_process_madvise(const struct redirect_table *table, const uint64_t arguments[6])
{
	const struct vector *vectors = (const struct vector *)arguments[1];
	enum class class = class_of((int)arguments[3]);
	long failed = 0, done = 0;

	if (class == CLASS_SAME || !is_own(arguments)
	    || !can_read_vectors(arguments))
		return sys(__NR_process_madvise, arguments[0], arguments[1], arguments[2],
			   arguments[3], arguments[4]);
	for (uint64_t i = 0; i < arguments[2] && !failed; i++) {
		failed = redirect_madvise(table, vectors[i].start, vectors[i].length,
					  (int)arguments[3]);
		done += failed ? 0 : (long)vectors[i].length;
	}
	return done ? done : failed;
}
