/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Zeroes memory that shall not be in a dump although its pages are dumped: data that functions
 * left on the stack when they returned and, on request, the strings of environment and
 * arguments.
 *
 *   old stack   | freed | red zone | frames | argc argv envp auxv | names, strings | end
 *               |<-0--->|                                         |<------0------->|
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "arch_frame.h"
#include "arch_machine.h"
#include "capture/capture.h"
#include "capture/auxv.h"
#include "base/xalloc.h"

/* Strings: twice the kernel's limit for a program. */
#define STRINGS_MAX (UINT64_C(12) << 20)

static void zero(struct image *image, struct range range)
{
	unsigned char *zeros;

	if (range.start >= range.end || range_length(range) > STRINGS_MAX)
		return;
	zeros = xcalloc(1, range_length(range));
	image_add_patch(image, range.start, zeros, range_length(range));
	free(zeros);
}

/* ---- Freed stack ------------------------------------------------------------------------ */

static struct region *main_stack(struct image *image)
{
	const struct region *found = image_find(image, image->mm.start_stack);

	return found && found->flags & REGION_GROWSDOWN && !(found->flags & REGION_SHARED)
		       ? &image->regions[found - image->regions] : NULL;
}

static bool holds(struct range range, uint64_t address)
{
	return address >= range.start && address < range.end;
}

/* The lowest byte of the stack that a thread needs; the stack's end if it needs none. 0:
 * unknown. */
static uint64_t lowest_of(struct capture *capture, const struct plan_thread *thread,
			  struct range stack)
{
	unsigned char frame[ARCH_FRAME_BYTES];
	struct arch_frame_stack own;
	uint64_t lowest = stack.end;

	if (capture_read(capture, thread->frame, frame, sizeof(frame)))
		return 0;
	own = arch_frame_stack(frame);
	if (!holds(stack, own.pointer))
		return holds(stack, thread->frame) ? 0 : lowest;
	/* The handler runs on an alternate stack that is an array on this stack: other frames lie
	 * below. */
	if (own.pointer - own.alternate < own.alternate_size)
		return 0;
	lowest = own.pointer - ARCH_RED_ZONE;
	return holds(stack, thread->frame) && thread->frame < lowest ? thread->frame : lowest;
}

/* Drops the content below `lowest`. */
static void cut_data(struct region *region, uint64_t lowest)
{
	size_t kept = 0;

	for (size_t i = 0; i < region->data_count; i++) {
		struct range data = region->data[i];

		data.start = data.start > lowest ? data.start : lowest;
		if (data.start < data.end)
			region->data[kept++] = data;
	}
	region->data_count = kept;
}

void analysis_clear_freed_stack(struct capture *capture)
{
	struct image *image = capture->image;
	struct region *stack = main_stack(image);
	uint64_t lowest, page;

	if (!stack)
		return;
	lowest = stack->range.end;
	for (size_t i = 0; i < image->thread_count; i++) {
		uint64_t needed = lowest_of(capture, &image->threads[i], stack->range);

		lowest = needed < lowest ? needed : lowest;
	}
	/* No thread uses it: it is the stack of something else now, or its thread is not dumped. */
	if (lowest <= stack->range.start || lowest == stack->range.end)
		return;
	page = align_down(lowest, image->page_size);
	cut_data(stack, page);
	zero(image, (struct range){ page, lowest });
}

/* ---- Environment and arguments ---------------------------------------------------------- */

/* The largest sizes of data that the kernel put among the strings and that the program still
 * needs. */
#define PLATFORM_MAX 16
#define RANDOM_SIZE 16

static bool is_kept(const struct range *kept, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++)
		if (holds(kept[i], address))
			return true;
	return false;
}

static uint64_t string_end(struct capture *capture, uint64_t address)
{
	char name[PLATFORM_MAX];

	if (!address || capture_read(capture, address, name, sizeof(name)))
		return address;
	return address + strnlen(name, sizeof(name));
}

/* Zeroes everything after the auxiliary vector, except the random bytes and the platform's names
 * that the vector points to. */
static void zero_strings(struct capture *capture, struct range strings)
{
	uint64_t random = capture_auxv(capture, AT_RANDOM);
	uint64_t platform = capture_auxv(capture, AT_PLATFORM);
	uint64_t base = capture_auxv(capture, AT_BASE_PLATFORM);
	const struct range kept[] = {
		{ random, random + RANDOM_SIZE },
		{ platform, string_end(capture, platform) },
		{ base, string_end(capture, base) },
	};
	struct range run = { strings.start, strings.start };

	for (; run.end < strings.end; run.end++) {
		if (!is_kept(kept, sizeof(kept) / sizeof(*kept), run.end))
			continue;
		zero(capture->image, run);
		run.start = run.end + 1;
	}
	zero(capture->image, run);
}

void analysis_scrub(struct capture *capture, struct report *report)
{
	struct image *image = capture->image;
	const struct region *stack = main_stack(image);
	uint64_t start = capture_auxv_end(capture);

	if (!stack || !holds(stack->range, start) || stack->range.end - start > STRINGS_MAX) {
		report_error(report, MAPPING, "cannot leave out environment and arguments: "
			     "their place on the stack is unknown");
		return;
	}
	zero_strings(capture, (struct range){ start, stack->range.end });
	/* In a dump, the strings of its last start lie elsewhere. */
	zero(image, image->arguments);
	zero(image, image->environment);
}
