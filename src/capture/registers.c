/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vector registers of the threads, whose frames are those of another CPU at the start: which
 * of them it must have, and that the kernel takes the frames.
 */
#include <inttypes.h>

#include "arch_tool.h"
#include "capture/capture.h"

static int read_frame(void *context, uint64_t address, void *buffer, size_t length)
{
	return capture_read(context, address, buffer, length);
}

static void patch_frame(void *context, uint64_t address, const void *bytes, size_t length)
{
	image_add_patch(((struct capture *)context)->image, address, bytes, length);
}

static void add_need(void *image, const char *name)
{
	image_add_need(image, name);
}

void capture_settle_registers(struct capture *capture, struct report *report)
{
	struct image *image = capture->image;
	uint64_t all = 0, states, unknown;

	for (size_t i = 0; i < image->thread_count; i++) {
		if (arch_frame_settle(&image->registers, image->threads[i].frame, read_frame,
				      patch_frame, capture, &states)) {
			report_error(report, READ, "cannot read the registers of thread %s",
				     image->thread_names[i]);
			return;
		}
		all |= states;
	}
	/* A core does not tell, but nobody has them who has not asked. */
	image->registers.permitted |= all & ARCH_ASKED_STATES;
	unknown = arch_cpu_states(all, add_need, image);
	if (unknown)
		report_error(report, THREAD, "a thread uses registers of a kind that is not known "
			     "here (states 0x%" PRIx64 ")", unknown);
}
