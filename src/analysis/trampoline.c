/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The landing: what stands in for the library in a dump of a process that has none.
 *
 *   | code | struct boot | (stack | call | …) stack | frame |  stack | frame | …
 *    r-x    rw-                                 of the first      of the second thread
 *
 * Each thread begins its new life on the bit of stack below its frame, goes to the code, and
 * leaves by the frame for where it was. (The program's own stacks are left alone: they may be
 * full, or not be where the stack pointer says.) The region stays; it is a few pages.
 *
 * Before the only thread goes on, random generators may be seeded: by frames that each call a
 * function, which returns to the code as if it were a signal handler, with the next frame at the
 * stack pointer. The last is the thread's own. Some generators see by its ID that the process is
 * another; these come first, and are left out in most starts. Not if the ID is 1, or if the process had it when it
 * was dumped, or perhaps a parent of it from which it has inherited the generator's state.
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
#include "image/room.h"

/* What the restarter needs of stack in a new thread. */
#define STACK_ROOM 4096

/* Free addresses to the next neighbour: an overrun shall not be silent. */
#define DISTANCE (UINT64_C(1) << 20)

/* Below the memory that the layout uses, which is far from everything else. 0: none. */
static uint64_t find_trampoline_room(const struct image *image, uint64_t length)
{
	return image_find_room(image, &(struct room){
					      .length = length, .distance = DISTANCE,
					      .within = { DISTANCE, ARCH_LOW_SEARCH_START - DISTANCE },
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

		image_add_patch(image, at, frame, length);
		image->threads[i].frame = at;
		image->threads[i].thread_pointer = arch_thread_place(states[i].registers).thread_pointer;
		image->threads[i].thread_pointer_2 = arch_thread_place(states[i].registers).thread_pointer_2;
		address += size;
		free(frame);
	}
}

/* ---- Calls before the thread goes on ------------------------------------------------------ */

/* What a function may need of stack: OpenSSL's generator makes itself in 12 KB. */
#define CALL_STACK_ROOM (UINT64_C(128) << 10)
/* As many as AT_RANDOM leads to. */
#define RANDOM_BYTES 16

static uint64_t calls_size(const struct libc_generators *generators)
{
	return generators->count ? CALL_STACK_ROOM + generators->count * ARCH_FRAME_CALL : 0;
}

/* Right before the frame of the only thread, which the last call returns to. */
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
