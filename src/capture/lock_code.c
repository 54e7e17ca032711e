/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads in the midst of taking a lock or giving it back. glibc's code reads the thread's TID
 * and writes it into the lock, or compares it with the owner, some instructions later; that for
 * robust and priority-inheriting mutexes also waits in between (nptl/pthread_mutex_lock.c,
 * `id`). Meanwhile it lies in a register or on the stack.
 */
#include <string.h>

#include "arch_tool.h"
#include "image/xalloc.h"
#include "capture/capture.h"
#include "capture/locks.h"

/* The frames of pthread_mutex_lock and of the one function that may be between it and the
 * system call are less than this. */
#define STACK_BYTES 256

/* TIDs up to this are too common as numbers to be told by that. */
#define COMMON_NUMBER 16

struct taker {
	struct capture *capture;
	const struct locks_context *context;
	struct report *report;
	uint32_t thread, tid;
	uint64_t frame;
	unsigned char bytes[ARCH_FRAME_BYTES]; /* of it */
};

static void mend(struct taker *taker, uint64_t address)
{
	const struct plan_mend mend = { .address = address,
					.kind = PLAN_MEND_TID,
					.which = taker->thread };

	image_add_mend(taker->capture->image, &mend);
}

static uint64_t register_of(const struct taker *taker, size_t index)
{
	uint64_t value;

	memcpy(&value, taker->bytes + arch_frame_registers[index], sizeof(value));
	return value;
}

static void mend_registers(struct taker *taker)
{
	for (size_t i = 0; i < ARCH_FRAME_REGISTERS; i++) {
		uint64_t value = register_of(taker, i);

		if (value <= UINT32_MAX && (value & PLAN_TID_MASK) == taker->tid)
			mend(taker, taker->frame + arch_frame_registers[i]);
	}
}

static void mend_stack(struct taker *taker)
{
	uint32_t words[STACK_BYTES / sizeof(uint32_t)];
	uint64_t stack = arch_frame_stack(taker->bytes).pointer;

	if (capture_peek(taker->capture, stack, words, sizeof(words)))
		return; /* there is less of it: no such function has been called */
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if ((words[i] & PLAN_TID_MASK) == taker->tid)
			mend(taker, stack + i * sizeof(*words));
}

/* What the thread may be doing something to: what is at one of its registers. */
static enum lock_at_hand look_at(struct taker *taker, uint64_t address)
{
	uint32_t words[LOCKS_RWLOCK_WORDS] = { 0 };
	enum lock_at_hand kind;
	struct lock lock = { .start = address, .thread = taker->thread };

	if (address % sizeof(uint64_t)
	    || (capture_peek(taker->capture, address, words, sizeof(words))
		&& capture_peek(taker->capture, address, words,
				LOCKS_MUTEX_WORDS * sizeof(*words))))
		return LOCK_NONE;
	kind = locks_at_hand(words, taker->context, &lock);
	for (size_t i = 0; i < lock.mend_count; i++)
		mend(taker, lock.mends[i]);
	return kind;
}

/* All that other code has such values for are numbers, which stay as they are. */
static enum lock_at_hand find_lock(struct taker *taker)
{
	enum lock_at_hand found = LOCK_NONE;

	for (size_t i = 0; i < ARCH_FRAME_REGISTERS; i++) {
		uint64_t address = register_of(taker, i);
		enum lock_at_hand kind;
		size_t before = 0;

		while (before < i && register_of(taker, before) != address)
			before++;
		if (before < i)
			continue; /* looked at */
		kind = look_at(taker, address);
		found = kind > found ? kind : found;
	}
	return found;
}

static bool is_in_system_call(struct taker *taker)
{
	unsigned char code[4];
	uint64_t counter = arch_frame_counter(taker->bytes);

	return !capture_peek(taker->capture, counter - 2, code, sizeof(code))
	       && arch_is_system_call(code + 2);
}

static void mend_thread(struct taker *taker)
{
	bool called;
	enum lock_at_hand kind;

	if (capture_read(taker->capture, taker->frame, taker->bytes, sizeof(taker->bytes)))
		return;
	called = is_in_system_call(taker);
	if (called && !arch_is_futex_wait(taker->bytes))
		return;
	kind = find_lock(taker);
	/* What is plain is waited for before the TID is read. */
	if (kind == LOCK_NONE || (kind == LOCK_PLAIN && called))
		return;
	if (taker->tid <= COMMON_NUMBER) {
		report_warning(taker->report, MUTEX,
			       "thread %u is taking a lock or giving it back, but that number "
			       "is too common to tell where the thread remembers it",
			       taker->tid);
		return;
	}
	mend_registers(taker);
	if (kind == LOCK_PROTOCOL)
		mend_stack(taker);
}

void capture_mend_lock_code(struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;
	const struct locks_context context = { image->thread_tids, image->thread_count };

	for (size_t i = 0; i < image->thread_count; i++) {
		struct taker taker = {
			.capture = capture,
			.context = &context,
			.report = report,
			.thread = (uint32_t)i,
			.tid = image->thread_tids[i],
			.frame = image->threads[i].frame,
		};

		mend_thread(&taker);
	}
}
