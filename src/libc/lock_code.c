/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fixups for threads that are taking a lock or giving it back. libc's code loads the thread's
 * TID and some instructions later stores it in the lock, or compares it with the owner; between
 * the two it may wait (glibc: nptl/pthread_mutex_lock.c, pthread_mutex_timedlock.c, `id`). In
 * that time a register or a stack word holds the TID. Its value alone could be any number, so it
 * is identified by the code that has loaded it from the thread's control block.
 */
#include <string.h>

#include "arch_code.h"
#include "arch_frame.h"
#include "capture/capture.h"
#include "libc/libc.h"
#include "libc/held_words.h"
#include "libc/locks.h"
#include "base/xalloc.h"

struct taker {
	struct capture *capture;
	const struct locks_context *context;
	uint32_t thread, tid;
	uint64_t frame;
	unsigned char bytes[ARCH_FRAME_BYTES]; /* of the frame */
};

static bool has_fixup(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->fixup_count; i++)
		if (image->fixups[i].address == address)
			return true;
	return false;
}

static void add_tid_fixup(struct taker *taker, uint64_t address)
{
	const struct plan_fixup fixup = { .address = address,
					.kind = PLAN_FIXUP_TID,
					.which = taker->thread };

	if (!has_fixup(taker->capture->image, address))
		image_add_fixup(taker->capture->image, &fixup);
}

/* The word may also have the lock's flags in it. */
static void fixup_if_held(void *context, uint64_t address, size_t size)
{
	struct taker *taker = context;
	uint64_t word = 0;

	if (!capture_peek(taker->capture, address, &word, size) && word <= UINT32_MAX
	    && (word & PLAN_TID_MASK) == taker->tid)
		add_tid_fixup(taker, address);
}

/* ---- The lock ---------------------------------------------------------------------------- */

static uint64_t register_of(const struct taker *taker, size_t index)
{
	uint64_t value;

	memcpy(&value, taker->bytes + arch_frame_registers[index], sizeof(value));
	return value;
}

/* A register may point to the lock. */
static void fixup_half_taken(struct taker *taker, uint64_t address)
{
	uint32_t words[LOCKS_RWLOCK_WORDS] = { 0 };
	struct lock lock = { .start = address, .thread = taker->thread };

	if (address % sizeof(uint64_t)
	    || (capture_peek(taker->capture, address, words, sizeof(words))
		&& capture_peek(taker->capture, address, words,
				LOCKS_MUTEX_WORDS * sizeof(*words))))
		return;
	locks_half_taken(words, taker->context, &lock);
	for (size_t i = 0; i < lock.fixup_count; i++)
		add_tid_fixup(taker, lock.fixups[i]);
}

/* ---- The thread -------------------------------------------------------------------------- */

static bool is_in_system_call(struct taker *taker)
{
	unsigned char code[2 * ARCH_SYSCALL_LENGTH];
	uint64_t counter = arch_frame_counter(taker->bytes);

	return !capture_peek(taker->capture, counter - ARCH_SYSCALL_LENGTH, code, sizeof(code))
	       && arch_is_syscall(code + ARCH_SYSCALL_LENGTH);
}

/* If libc's code holds the TID, its scratch registers may hold it, too. In a system call, they
 * hold arguments. */
static void fixup_thread(struct taker *taker, struct held *held)
{
	const struct plan_thread *thread = &taker->capture->image->threads[taker->thread];
	const struct held_visitor visitor = { .found = fixup_if_held, .context = taker };

	if (capture_peek(taker->capture, taker->frame, taker->bytes, sizeof(taker->bytes))
	    || !held_each(held, thread, &visitor))
		return;
	for (size_t i = 0; i < ARCH_FRAME_REGISTERS; i++)
		fixup_half_taken(taker, register_of(taker, i));
	for (size_t i = 0; i < ARCH_SCRATCH_REGISTERS && !is_in_system_call(taker); i++)
		fixup_if_held(taker, taker->frame + arch_frame_dwarf[arch_scratch_registers[i]],
			     sizeof(uint64_t));
}

void libc_fixup_lock_code(struct capture *capture)
{
	const struct image *image = capture->image;
	const struct locks_context context = { image->thread_tids, image->thread_count };
	struct held *held = NULL;
	uint64_t offset = 0;

	for (size_t i = 0; i < image->thread_count; i++) {
		const struct plan_thread *thread = &image->threads[i];
		struct taker taker = {
			.capture = capture,
			.context = &context,
			.thread = (uint32_t)i,
			.tid = image->thread_tids[i],
			.frame = thread->frame,
		};

		if (!thread->tid_address)
			continue;
		/* All threads that libc has made have the same offset. */
		if (held && thread->tid_address - thread->thread_pointer != offset)
			continue;
		offset = thread->tid_address - thread->thread_pointer;
		if (!held)
			held = held_new(capture, offset, HELD_ALL);
		fixup_thread(&taker, held);
	}
	if (held)
		held_free(held);
}
