/* SPDX-License-Identifier: MIT
 *
 * madvise() and process_madvise(). Anonymous memory that is given back reads as zero. The
 * kernel sees a private mapping of the dump's file instead, and gives back what the file holds.
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
	CLASS_DISCARD, /* gives memory back */
	CLASS_FLAGS,   /* changes the mapping, or wants anonymous memory (madvise(2)) */
	CLASS_REFUSED  /* EINVAL for anonymous memory */
};

static enum class class_of(int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTNEED_LOCKED:
		return CLASS_DISCARD;
	/* The mapping's flags would be lost when a part of it is given back later. */
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	/* The kernel refuses a file's memory. */
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLLAPSE:
	/* The guard would uncover the file's bytes when it is removed. */
	case MADV_GUARD_INSTALL:
		return CLASS_FLAGS;
	case MADV_REMOVE:
		return CLASS_REFUSED;
	default:
		return CLASS_SAME;
	}
}

/* The kernel has given back the memory. Makes zero what was of the dump's file. */
static long discard_of_file(const struct redirect_table *table, struct span span)
{
	/* Refused for what is locked (mm/madvise.c: madvise_dontneed_free_valid_vma). */
	bool locked = sys(__NR_madvise, span.start, PAGE, MADV_DONTNEED) == -EINVAL;

	if (memory_make_anonymous(table, span, CONTENT_ZERO))
		return memory_clear(table, span);
	if (locked)
		sys(__NR_mlock, span.start, span.end - span.start);
	return 0;
}

static long discard(const struct redirect_table *table, struct span span, int advice)
{
	/* The kernel does not free a file's pages lazily. */
	long result = sys(__NR_madvise, span.start, span.end - span.start,
			  advice == MADV_FREE ? MADV_DONTNEED : advice);
	long failed;

	if (result && result != -ENOMEM) /* -ENOMEM: a part is not mapped, the rest is done */
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

/* The kernel takes most advice for the calling process alone (mm/madvise.c:
 * process_madvise_remote_valid, since 6.13; before that, for nobody). Without a range it says
 * nothing but that: then the process descriptor is its own. */
static bool is_own(const uint64_t arguments[6])
{
	return arguments[3] != MADV_COLLAPSE
	       && !sys(__NR_process_madvise, arguments[0], arguments[1], 0, arguments[3],
		       arguments[4]);
}

/* Advice that changes nothing tells whether the list of ranges can be read. */
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
