/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks and fixes the vector registers in signal frames: the kernel must accept these frames on
 * the CPU of the start. Each thread starts from a frame, and has others on its stack while it
 * runs handlers.
 *
 *   stack pointer ──► handler's … | address of rt_sigreturn | frame | interrupted code's … | end
 */
#include <inttypes.h>

#include "analysis/analysis.h"
#include "arch_cpu.h"
#include "arch_frame.h"
#include "arch_vectors.h"
#include "capture/capture.h"

struct settling {
	struct capture *capture;
	uint64_t states; /* that a CPU must have */
	uint64_t other;  /* the stack pointer of interrupted code on another stack; or 0 */
};

static int read_frame(void *context, uint64_t address, void *buffer, size_t length)
{
	struct settling *settling = context;

	return capture_peek(settling->capture, address, buffer, length);
}

static void patch_frame(void *context, uint64_t address, const void *bytes, size_t length)
{
	struct settling *settling = context;

	image_add_patch(settling->capture->image, address, bytes, length);
}

static int settle(struct settling *settling, uint64_t address)
{
	uint64_t states;

	if (arch_frame_settle(&settling->capture->image->registers, address, read_frame,
			      patch_frame, settling, &states))
		return -1;
	settling->states |= states;
	return 0;
}

static struct arch_frame_stack stack_of(struct settling *settling, uint64_t address)
{
	unsigned char frame[ARCH_FRAME_BYTES];

	if (read_frame(settling, address, frame, sizeof(frame)))
		return (struct arch_frame_stack){ 0 };
	return arch_frame_stack(frame);
}

/* Stacks of several threads may lie in one region. */
static bool is_known(const struct image *image, uint64_t frame)
{
	for (size_t i = 0; i < image->thread_count; i++)
		if (image->threads[i].frame == frame)
			return true;
	for (size_t i = 0; i < image->frame_count; i++)
		if (image->frames[i].address == frame)
			return true;
	return false;
}

static int take_if_frame(void *context, uint64_t address, uint64_t word)
{
	struct settling *settling = context;
	const struct image *image = settling->capture->image;
	const uint64_t frame = address + ARCH_FRAME_RETURN;
	uint64_t stack;

	if (!capture_returns_from_handler(settling->capture, word) || is_known(image, frame)
	    || !arch_is_frame(frame, read_frame, settling) || settle(settling, frame))
		return 0;
	image_add_frame(settling->capture->image, frame);
	stack = stack_of(settling, frame).pointer;
	if (image_find(image, stack) == image_find(image, frame))
		return 0;
	settling->other = stack;
	return 1;
}

/* A handler on an alternate stack has interrupted code on another stack, which may be an alternate
 * stack, too. */
#define STACKS_MAX 8

static void look_for_handlers(struct settling *settling, uint64_t thread_frame)
{
	uint64_t stack = stack_of(settling, thread_frame).pointer;

	for (int i = 0; stack && i < STACKS_MAX; i++) {
		settling->other = 0;
		capture_each_on_stack(settling->capture, stack, take_if_frame, settling);
		stack = settling->other;
	}
}

void analysis_settle_registers(struct capture *capture, struct report *report)
{
	struct settling settling = { .capture = capture };
	struct image *image = capture->image;
	uint64_t unknown;

	if (report->status)
		return; /* a thread that could not be parked has no frame */
	for (size_t i = 0; i < image->thread_count; i++) {
		if (settle(&settling, image->threads[i].frame)) {
			report_error(report, READ, "cannot read the registers of thread %s",
				     image->thread_names[i]);
			return;
		}
		look_for_handlers(&settling, image->threads[i].frame);
	}
	/* A core does not record the permission, but only a process that has requested these states
	 * can use them. */
	image->registers.permitted |= settling.states & ARCH_REQUESTED_STATES;
	unknown = arch_cpu_states(settling.states, image_add_need_to, image);
	if (unknown)
		report_error(report, THREAD, "a thread uses registers that this version does not know "
			     "(states 0x%" PRIx64 ")", unknown);
}
