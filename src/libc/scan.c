/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scans memory for words that need a fixup: TIDs in locks, the process ID that a runtime remembers,
 * and the stack canary. The writer passes memory block by block; see libc.h.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "base/xalloc.h"
#include "libc/canary.h"
#include "libc/libc.h"
#include "libc/locks.h"
#include "libc/runtimes.h"

#define BLOCK_WORDS (LIBC_SCAN_BLOCK / sizeof(uint32_t))

_Static_assert(LIBC_SCAN_MARGIN == LOCKS_MARGIN * sizeof(uint32_t), "a lock fits in the margin");

/* TIDs up to this are too common as numbers: words that look like a lock may be none. */
#define COMMON_NUMBER 2

enum { WANT_LOCKS = 1, WANT_CANARY = 2 };

struct libc_scan {
	struct capture *capture;
	struct report *report;
	struct locks_context locks;
	struct canary canary;
	struct runtimes runtimes;
	/* For all TIDs, word + bias <= limit, as signed numbers. */
	uint32_t bias;
	int32_t limit;
	uint32_t canary_half; /* the low one */
};

/* Maps the range from the lowest to the highest TID to one from INT32_MIN upward. */
static void prepare_locks(struct libc_scan *scan)
{
	const struct image *image = scan->capture->image;
	uint32_t low = UINT32_MAX, high = 0;

	if (!image->thread_tids || image->thread_count == 0)
		return;
	scan->locks.tids = image->thread_tids;
	scan->locks.count = image->thread_count;
	for (size_t i = 0; i < image->thread_count; i++) {
		low = image->thread_tids[i] < low ? image->thread_tids[i] : low;
		high = image->thread_tids[i] > high ? image->thread_tids[i] : high;
		libc_fix_listed(scan->capture, i);
	}
	scan->bias = UINT32_C(0x80000000) - low;
	scan->limit = (int32_t)(high + scan->bias);
}

struct libc_scan *libc_scan_begin(struct capture *capture, struct report *report)
{
	struct libc_scan *scan = xcalloc(1, sizeof(*scan));

	scan->capture = capture;
	scan->report = report;
	prepare_locks(scan);
	scan->runtimes = runtimes_find(capture, report);
	scan->canary = canary_find(capture, report);
	scan->canary_half = (uint32_t)scan->canary.value;
	return scan;
}

unsigned libc_scan_wanted(const struct libc_scan *scan, const struct region *region)
{
	bool private = region && !(region->flags & REGION_SHARED);
	bool writable = private && region->prot & PROT_WRITE;
	bool code = region && (region->prot & (PROT_WRITE | PROT_EXEC)) == PROT_EXEC;
	unsigned wanted = 0;

	if (writable && scan->locks.count > 0)
		wanted |= WANT_LOCKS;
	/* Read-only memory may hold it, too: the process may have protected it since. */
	if (region && !code && scan->canary.known)
		wanted |= WANT_CANARY;
	return wanted;
}

/* ---- A block ----------------------------------------------------------------------------- */

struct traces {
	uint32_t tid, canary; /* not 0: a word may be one */
};

/* One pass over a block. The compiler makes it vector code: the count is constant, the body
 * has no branch; one signed comparison checks whether a word is in the range of the TIDs,
 * since not all vector units have unsigned ones. */
static struct traces find_traces(const struct libc_scan *scan, const uint32_t *words)
{
	uint32_t bias = scan->bias, wanted = scan->canary_half, tid = 0, canary = 0;
	int32_t limit = scan->limit;

	for (size_t i = 0; i < BLOCK_WORDS; i++) {
		tid |= (int32_t)(words[i] + bias) <= limit ? UINT32_MAX : 0;
		canary |= words[i] == wanted ? UINT32_MAX : 0;
	}
	return (struct traces){ tid, canary };
}

static void take_lock(void *arg, const struct lock *lock)
{
	struct libc_scan *scan = arg;
	uint32_t tid = scan->locks.tids[lock->thread];

	if (lock->robust && !locks_is_listed(scan->capture, lock))
		return;
	if (tid <= COMMON_NUMBER) {
		report_add(scan->report, UNEXEC_WARNING, UNEXEC_CODE_MUTEX, 0, lock->start,
			   lock->end,
			   "the words at 0x%llx look like a lock that thread %u holds, but that "
			   "number is too common to be sure; they are left unchanged",
			   (unsigned long long)lock->start, tid);
		return;
	}
	for (uint32_t i = 0; i < lock->fixup_count; i++) {
		struct plan_fixup fixup = {
			.address = lock->fixups[i],
			.kind = PLAN_FIXUP_TID,
			.which = lock->thread,
		};

		image_add_fixup(scan->capture->image, &fixup);
	}
}

static void scan_locks(struct libc_scan *scan, const unsigned char *block, uint64_t address)
{
	const struct locks_window window = {
		.words = (const uint32_t *)(const void *)(block - LIBC_SCAN_MARGIN),
		.count = BLOCK_WORDS + 2 * LOCKS_MARGIN,
		.first = LOCKS_MARGIN,
		.last = LOCKS_MARGIN + BLOCK_WORDS,
		.address = address - LIBC_SCAN_MARGIN,
	};

	locks_scan(&window, &scan->locks, take_lock, scan);
}

void libc_scan_block(struct libc_scan *scan, unsigned wanted, const void *block,
		     uint64_t address)
{
	struct traces traces = find_traces(scan, block);

	if (traces.tid && wanted & WANT_LOCKS) {
		scan_locks(scan, block, address);
		runtimes_scan(&scan->runtimes, scan->capture->image, block, address);
	}
	if (traces.canary && wanted & WANT_CANARY)
		canary_scan(&scan->canary, block, LIBC_SCAN_BLOCK / sizeof(uint64_t), address);
}

void libc_scan_end(struct libc_scan *scan)
{
	canary_decide(&scan->canary, scan->capture, scan->report);
	free(scan);
}
