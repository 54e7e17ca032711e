/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds free addresses for the stack to grow, for staging, and for the restarter.
 */
#include "arch_address_space.h"
#include "image/free_room.h"
#include "layout/low.h"

/* Distance from neighbours. The kernel itself keeps as much below a stack (stack_guard_gap). */
#define DISTANCE (UINT64_C(1) << 20)
/* The most that is kept free for a stack, even an unlimited one. */
#define STACK_LIMIT_MAX (UINT64_C(1) << 30)
/* The least that a program needs to go on: a few calls, a signal frame. */
#define STACK_LEAST (UINT64_C(64) << 10)

static const struct region *find_main_stack(const struct image *image)
{
	const struct region *region = image_find(image, image->mm.start_stack);

	if (region && region->flags & REGION_GROWSDOWN)
		return region;
	for (size_t i = image->region_count; i-- > 0;)
		if (image->regions[i].flags & REGION_GROWSDOWN)
			return &image->regions[i];
	return NULL;
}

struct range low_find_stack(const struct image *image)
{
	const struct region *stack = find_main_stack(image);
	uint64_t limit = image->stack_limit, floor, below = 0;

	if (!stack)
		return (struct range){ 0, 0 };
	if (limit > STACK_LIMIT_MAX)
		limit = STACK_LIMIT_MAX;
	floor = stack->range.end > limit ? stack->range.end - limit : 0;
	if (stack > image->regions)
		below = stack[-1].range.end;
	if (floor < below + DISTANCE)
		floor = below + DISTANCE;
	floor = align_up(floor, image->page_size);
	if (floor > stack->range.start)
		floor = stack->range.start;
	return (struct range){ floor, stack->range.end };
}

uint64_t low_stack_need(const struct image *image)
{
	const struct region *stack = find_main_stack(image);
	uint64_t need = 0;

	for (size_t i = 0; stack && i < image->thread_count; i++) {
		uint64_t frame = image->threads[i].frame;

		if (frame >= stack->range.start && frame < stack->range.end
		    && stack->range.end - frame + STACK_LEAST > need)
			need = stack->range.end - frame + STACK_LEAST;
	}
	/* The kernel checks the limit only when a stack grows (mm: acct_stack_growth). */
	return stack && need > range_length(stack->range) ? need : 0;
}

uint64_t low_find_room(const struct image *image, struct range stack, uint64_t length)
{
	return image_find_room(image, &(struct room){
					      .length = length, .distance = DISTANCE,
					      .within = { ARCH_LOW_SEARCH_START, ARCH_PLACE_END },
					      .avoid = stack });
}
