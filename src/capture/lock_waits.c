/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that wait for a mutex. glibc's code for robust and priority-inheriting ones reads
 * the thread's TID before it waits, and writes that into the mutex afterwards
 * (nptl/pthread_mutex_lock.c, `id`): it lies in a register or on the stack meanwhile.
 */
#include <string.h>

#include "arch_tool.h"
#include "image/xalloc.h"
#include "capture/capture.h"

/* Bits of a mutex's kind: nptl/pthreadP.h; the protocols whose code is that. */
#define KIND_PROTOCOL (16 | 32 | 64)
#define KIND_ALL 0x3ff
#define MUTEX_KIND 4

/* The frames of pthread_mutex_lock and of the one function that may be between it and the
 * system call are less than this. */
#define STACK_BYTES 256

/* TIDs up to this are too common as numbers to be told by that. */
#define COMMON_NUMBER 16

static bool is_such_mutex(struct capture *capture, uint64_t address)
{
	uint32_t words[MUTEX_KIND + 1];

	return !capture_read(capture, address, words, sizeof(words))
	       && words[0] && (words[MUTEX_KIND] & KIND_PROTOCOL)
	       && !(words[MUTEX_KIND] & ~(uint32_t)KIND_ALL);
}

static void mend(struct image *image, uint64_t address, uint32_t word, size_t thread)
{
	const struct plan_mend mend = { .address = address,
					.kind = PLAN_MEND_TID,
					.which = (uint32_t)thread };

	if ((word & PLAN_TID_MASK) == image->thread_tids[thread])
		image_add_mend(image, &mend);
}

static void mend_thread(struct capture *capture, size_t thread, struct report *report)
{
	struct image *image = capture->image;
	uint64_t frame = image->threads[thread].frame;
	uint32_t stack[STACK_BYTES / sizeof(uint32_t)];
	unsigned char bytes[ARCH_FRAME_BYTES];
	struct arch_wait wait;

	if (capture_read(capture, frame, bytes, sizeof(bytes))
	    || !arch_futex_wait(bytes, &wait) || !is_such_mutex(capture, wait.word))
		return;
	if (image->thread_tids[thread] <= COMMON_NUMBER) {
		report_warning(report, MUTEX,
			       "thread %u waits for a lock, but that number is too common to "
			       "tell where the thread remembers it", image->thread_tids[thread]);
		return;
	}
	for (size_t i = 0; i < ARCH_KEPT_REGISTERS; i++) {
		uint64_t value;

		memcpy(&value, bytes + wait.kept[i], sizeof(value));
		if (value <= UINT32_MAX)
			mend(image, frame + wait.kept[i], (uint32_t)value, thread);
	}
	if (capture_read(capture, wait.stack, stack, sizeof(stack)))
		return; /* there is less of it: no such function has been called */
	for (size_t i = 0; i < sizeof(stack) / sizeof(*stack); i++)
		mend(image, wait.stack + i * sizeof(*stack), stack[i], thread);
}

void capture_mend_lock_waits(struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->thread_count; i++)
		if (!(image->threads[i].flags & PLAN_THREAD_DUMPER))
			mend_thread(capture, i, report);
}
