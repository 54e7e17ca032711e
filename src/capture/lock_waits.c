/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that wait for a mutex. glibc's code for robust and priority-inheriting ones reads
 * the thread's TID before it waits, and writes that into the mutex afterwards
 * (nptl/pthread_mutex_lock.c, `id`): it lies in a register or on the stack meanwhile.
 */
#include <string.h>

#include "arch_tool.h"
#include "image/xalloc.h"
#include "process.h"

/* Bits of a mutex's kind: nptl/pthreadP.h; the protocols whose code is that. */
#define KIND_PROTOCOL (16 | 32 | 64)
#define KIND_ALL 0x3ff
#define MUTEX_KIND 4

/* The frames of pthread_mutex_lock and of the one function that may be between it and the
 * system call are less than this. */
#define STACK_BYTES 256

/* TIDs up to this are too common as numbers to be told by that. */
#define COMMON_NUMBER 16

static bool is_such_mutex(struct process *process, uint64_t address)
{
	uint32_t words[MUTEX_KIND + 1];

	return !process->capture.read(&process->capture, address, words, sizeof(words))
	       && words[0] && (words[MUTEX_KIND] & KIND_PROTOCOL)
	       && !(words[MUTEX_KIND] & ~(uint32_t)KIND_ALL);
}

static void mend(struct process *process, uint64_t address, uint32_t word, size_t thread)
{
	struct image *image = process->capture.image;
	const struct plan_mend mend = { .address = address,
					.kind = PLAN_MEND_TID,
					.thread = (uint32_t)thread };

	if ((word & PLAN_TID_MASK) == image->thread_tids[thread])
		image_add_mend(image, &mend);
}

static void mend_thread(struct process *process, size_t thread)
{
	const struct image *image = process->capture.image;
	uint64_t frame = image->threads[thread].frame;
	uint32_t stack[STACK_BYTES / sizeof(uint32_t)];
	unsigned char bytes[ARCH_FRAME_BYTES];
	struct arch_wait wait;

	if (process->capture.read(&process->capture, frame, bytes, sizeof(bytes))
	    || !arch_futex_wait(bytes, &wait) || !is_such_mutex(process, wait.word))
		return;
	if (image->thread_tids[thread] <= COMMON_NUMBER) {
		report_warning(process->report, MUTEX,
			       "thread %u waits for a lock, but that number is too common to "
			       "tell where the thread remembers it", image->thread_tids[thread]);
		return;
	}
	for (size_t i = 0; i < ARCH_KEPT_REGISTERS; i++) {
		uint64_t value;

		memcpy(&value, bytes + wait.kept[i], sizeof(value));
		if (value <= UINT32_MAX)
			mend(process, frame + wait.kept[i], (uint32_t)value, thread);
	}
	if (process->capture.read(&process->capture, wait.stack, stack, sizeof(stack)))
		return; /* there is less of it: no such function has been called */
	for (size_t i = 0; i < sizeof(stack) / sizeof(*stack); i++)
		mend(process, wait.stack + i * sizeof(*stack), stack[i], thread);
}

void process_mend_lock_waits(struct process *process)
{
	const struct image *image = process->capture.image;

	for (size_t i = 0; i < image->thread_count; i++)
		if (!(image->threads[i].flags & PLAN_THREAD_DUMPER))
			mend_thread(process, i);
}
