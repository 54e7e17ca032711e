/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trampoline replaces the library in the dump of a process that has none.
 *
 *   | code | struct boot | (stack | call | …) stack | frame |  stack | frame | …
 *    r-x    rw-                                 of the first      of the second thread
 *
 * At the start, each thread uses the small stack below its frame, jumps to the code, and continues
 * by the frame. (It does not use the program's own stacks, which may be full, or not be where the
 * stack pointer points.) The region stays; it is a few pages.
 *
 * Before a single thread continues, the trampoline may seed random generators: a frame calls a
 * function, which returns to the code like a signal handler, with the next frame at the stack
 * pointer. The last frame is the thread's own. Some generators detect a new process by its ID.
 * Their frames come first, and most starts skip them. A start needs them if the generator would
 * not detect its ID: if the ID is 1, equals the ID that the dumped process had, or may equal the
 * ID of that process's parent, from which it may have inherited the generator's state.
 */
#include <stdlib.h>
#include <string.h>

#include "arch_address_space.h"
#include "arch_frame.h"
#include "arch_registers.h"
#include "arch_thread.h"
#include "libc/libc.h"
#include "base/xalloc.h"
#include "analysis/analysis.h"
#include "analysis/trampoline.h"
#include "image/free_room.h"

/* The stack of the restarter in a new thread. */
#define STACK_ROOM 4096

/* The distance to the next region, so that an overrun faults. */
#define DISTANCE (UINT64_C(1) << 20)

/* Finds addresses below the memory that the layout uses, which is far from everything else. 0:
 * there are none. */
static uint64_t find_trampoline_room(const struct image *image, uint64_t length)
{
	return image_find_room(image, &(struct room){
					      .length = length, .distance = DISTANCE,
					      .within = { DISTANCE,
							  ARCH_LOW_SEARCH_START - DISTANCE },
					      .highest = true });
}

static size_t slot_size(const struct arch_thread_state *state)
{
	return STACK_ROOM + align_up(ARCH_FRAME_ROOM + state->vector_size, ARCH_FRAME_ALIGN);
}

static void add_frames(struct image *image, const struct arch_thread_state *states,
		       uint64_t address)
{
	for (size_t i = 0; i < image->thread_count; i++) {
		size_t size = slot_size(&states[i]);
		unsigned char *frame = xcalloc(1, size - STACK_ROOM);
		uint64_t at = address + STACK_ROOM;
		size_t length = arch_frame_build(frame, at, &states[i], &image->registers);
		const struct arch_thread_place place = arch_thread_place(states[i].registers);

		image_add_patch(image, at, frame, length);
		image->threads[i].frame = at;
		image->threads[i].thread_pointer = place.thread_pointer;
		image->threads[i].thread_pointer_2 = place.thread_pointer_2;
		address += size;
		free(frame);
	}
}

/* ---- Calls before the thread continues ---------------------------------------------------- */

/* The stack of the functions: OpenSSL's generator needs 12 KB to be created. */
#define CALL_STACK_ROOM (UINT64_C(128) << 10)
/* The size of the data at AT_RANDOM. */
#define RANDOM_BYTES 16

static uint64_t calls_size(const struct libc_generators *generators)
{
	return generators->count ? CALL_STACK_ROOM + generators->count * ARCH_FRAME_CALL : 0;
}

/* The calls lie right before the frame of the only thread, to which the last one returns. */
static void add_calls(struct capture *capture, const struct libc_generators *generators,
		      uint64_t code, struct boot *boot)
{
	const struct image *image = capture->image;
	const uint64_t frame = image->threads[0].frame;
	const uint64_t back = code + (uint64_t)(arch_trampoline_return - arch_trampoline_start);
	const uint64_t first = frame - generators->count * ARCH_FRAME_CALL;
	unsigned char own[ARCH_FRAME_ROOM], call[ARCH_FRAME_CALL];

	if (!generators->count || capture_read(capture, frame, own, sizeof(own)))
		return;
	for (size_t i = 0; i < generators->count; i++) {
		uint64_t at = first + i * ARCH_FRAME_CALL;

		arch_frame_call(call, own, at + ARCH_FRAME_CALL, back, generators->seed[i],
				generators->random, RANDOM_BYTES);
		image_add_patch(capture->image, at, call, sizeof(call));
	}
	boot->first_pid = image->thread_tids ? image->thread_tids[0] : 0;
	boot->first = generators->sometimes ? first : 0;
	boot->always = first + generators->sometimes * ARCH_FRAME_CALL;
}

static void add_regions(struct image *image, uint64_t code, uint64_t data, uint64_t length)
{
	image_insert_region(image, (struct range){ code, data }, 5 /* read, execute */,
			    ORIGIN_TRAMPOLINE);
	image_insert_region(image, (struct range){ data, data + length }, 3 /* read, write */,
			    ORIGIN_TRAMPOLINE);
	image_add_patch(image, code, arch_trampoline_start,
			(size_t)(arch_trampoline_end - arch_trampoline_start));
}

void trampoline_build(struct capture *capture, const struct arch_thread_state *states,
		   struct report *report)
{
	const struct libc_generators generators = libc_find_generators(capture, states, report);
	const uint64_t calls = calls_size(&generators);
	const uint64_t boot_room = align_up(sizeof(struct boot), ARCH_FRAME_ALIGN);
	struct image *image = capture->image;
	uint64_t code, data, length = boot_room + calls + ARCH_FRAME_ALIGN;
	struct boot boot = { 0 };

	for (size_t i = 0; i < image->thread_count; i++)
		length += slot_size(&states[i]);
	length = align_up(length, image->page_size);
	code = find_trampoline_room(image, image->page_size + length);
	if (!code) {
		report_error(report, NO_ROOM, "no free addresses for the threads to start at");
		return;
	}
	data = code + image->page_size;
	add_regions(image, code, data, length);
	image->boot = data;
	add_frames(image, states, data + boot_room + calls);
	boot.gate = code;
	add_calls(capture, &generators, code, &boot);
	image_add_patch(image, data, &boot, sizeof(boot));
}
