/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model of a process: creating it, adding to it, searching in it. Arrays with a natural
 * order are kept sorted, so that the same process gives the same image in whatever order a
 * source finds things.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "base/xalloc.h"

/* For arrays whose room is not stored. */
#define APPEND(array, count) \
	do { \
		size_t room_ = xgrow_room(count); \
		xgrow(array, count, room_); \
		(count)++; \
	} while (0)

struct image *image_new(void)
{
	struct image *image = xcalloc(1, sizeof(*image));

	image->program = xstrdup("");
	return image;
}

static void free_regions(struct image *image)
{
	for (size_t i = 0; i < image->region_count; i++) {
		free(image->regions[i].name);
		free(image->regions[i].data);
	}
	free(image->regions);
}

void image_free(struct image *image)
{
	if (!image)
		return;
	free_regions(image);
	for (size_t i = 0; i < image->file_count; i++) {
		free(image->files[i].path);
		free(image->files[i].data);
	}
	for (size_t i = 0; i < image->slot_count; i++)
		free(image->slots[i].name);
	for (size_t i = 0; i < image->variable_count; i++)
		free(image->variables[i].name);
	for (size_t i = 0; i < image->patch_count; i++)
		free(image->patches[i].bytes);
	for (size_t i = 0; i < image->need_count; i++)
		free(image->needs[i]);
	free(image->threads);
	free(image->thread_names);
	free(image->thread_tids);
	free(image->signals);
	free(image->timers);
	free(image->queued);
	free(image->files);
	free(image->slots);
	free(image->directory);
	free(image->variables);
	free(image->frames);
	free(image->fixups);
	free(image->patches);
	free(image->needs);
	free(image->program);
	free(image);
}

static const char *const origin_names[] = {
	[ORIGIN_HEAP] = "[heap]",
	[ORIGIN_STACK] = "[stack]",
	[ORIGIN_VDSO] = "[vdso]",
	[ORIGIN_VDSO_PROXY] = "[vdso-proxy]",
	[ORIGIN_TRAMPOLINE] = "[trampoline]",
	[ORIGIN_REDIRECT] = "[redirect]",
	[ORIGIN_MEMFD] = "[memfd]",
};
#define ORIGIN_COUNT (sizeof(origin_names) / sizeof(*origin_names))

const char *region_origin_name(enum region_origin origin)
{
	return origin_names[origin];
}

void region_set_name(struct region *region, const char *name)
{
	free(region->name);
	region->name = xstrdup(name);
	region->origin = name[0] == '/' ? ORIGIN_FILE : ORIGIN_ANONYMOUS;
	for (size_t i = 0; i < ORIGIN_COUNT; i++)
		if (origin_names[i] && !strcmp(name, origin_names[i]))
			region->origin = (enum region_origin)i;
}

struct region *image_add_region(struct image *image, struct range range, uint32_t prot,
				uint32_t flags, uint64_t offset, const char *name)
{
	struct region *region;

	xgrow(image->regions, image->region_count, image->region_room);
	region = &image->regions[image->region_count++];
	*region = (struct region){
		.range = range,
		.prot = prot,
		.flags = flags,
		.offset = offset,
	};
	region_set_name(region, name);
	return region;
}

void region_add_data(struct region *region, struct range range)
{
	if (region->data_count && region->data[region->data_count - 1].end == range.start) {
		region->data[region->data_count - 1].end = range.end;
		return;
	}
	xgrow(region->data, region->data_count, region->data_room);
	region->data[region->data_count++] = range;
}

/* Moves the last item of an otherwise sorted array to its place. Items mostly come in order, so
 * this is mostly one comparison. */
static void sink_last(void *array, size_t count, size_t size,
		      int (*compare)(const void *, const void *))
{
	char *items = array, *item = items + (count - 1) * size;
	char *place = item, *copy;

	while (place > items && compare(place - size, item) > 0)
		place -= size;
	if (place == item)
		return;
	copy = xmemdup(item, size);
	memmove(place + size, place, item - place);
	memcpy(place, copy, size);
	free(copy);
}

#define COMPARE(name, type, member) \
	static int name(const void *a, const void *b) \
	{ \
		const type *x = a, *y = b; \
		return (x->member > y->member) - (x->member < y->member); \
	}
COMPARE(compare_signals, struct plan_signal, number)
COMPARE(compare_timers, struct plan_timer, number)
COMPARE(compare_slots, struct image_slot, address)
COMPARE(compare_frames, struct plan_frame, address)
COMPARE(compare_fixups, struct plan_fixup, address)
COMPARE(compare_patches, struct image_patch, address)

static int compare_image_files(const void *a, const void *b)
{
	const struct plan_file *x = &((const struct image_file *)a)->plan;
	const struct plan_file *y = &((const struct image_file *)b)->plan;

	uint32_t x_rank = image_file_rank(x->kind), y_rank = image_file_rank(y->kind);

	if (x_rank != y_rank)
		return x_rank < y_rank ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int compare_needs(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#define SINK(array, count, compare) sink_last(array, count, sizeof(*(array)), compare)

bool region_was_anonymous(const struct region *region)
{
	return !(region->flags & REGION_SHARED)
	       && (region->origin == ORIGIN_ANONYMOUS || region->origin == ORIGIN_HEAP
		   || region->origin == ORIGIN_STACK);
}

bool image_is_anonymous(const struct image *image, const struct region *region)
{
	/* The kernel refuses MADV_WIPEONFORK for all mappings of files, even private ones. */
	const uint32_t always = REGION_SHARED | REGION_GROWSDOWN | REGION_WIPEONFORK
				| REGION_ANONYMOUS;

	/* All pages of locked memory are present in any case. */
	return region->flags & always
	       || ((image->memory == IMAGE_MEMORY_COPY || region->flags & REGION_LOCKED)
		   && region_was_anonymous(region));
}

void image_insert_region(struct image *image, struct range range, uint32_t prot,
			 enum region_origin origin)
{
	const char *name = region_origin_name(origin);
	struct region added;
	size_t at;

	image_add_region(image, range, prot, 0, 0, name ? name : "");
	region_add_data(&image->regions[image->region_count - 1], range);
	added = image->regions[image->region_count - 1];
	added.added = region_is_added(&added);
	for (at = image->region_count - 1;
	     at > 0 && image->regions[at - 1].range.start > range.start; at--)
		image->regions[at] = image->regions[at - 1];
	image->regions[at] = added;
}

void image_add_thread(struct image *image, const struct plan_thread *thread, const char *name)
{
	size_t room = xgrow_room(image->thread_count);

	xgrow(image->thread_names, image->thread_count, room);
	APPEND(image->threads, image->thread_count);
	image->threads[image->thread_count - 1] = *thread;
	snprintf(image->thread_names[image->thread_count - 1],
		 sizeof(*image->thread_names), "%s", name);
}

void image_add_signal(struct image *image, const struct plan_signal *signal)
{
	APPEND(image->signals, image->signal_count);
	image->signals[image->signal_count - 1] = *signal;
	SINK(image->signals, image->signal_count, compare_signals);
}

void image_add_timer(struct image *image, const struct plan_timer *timer)
{
	APPEND(image->timers, image->timer_count);
	image->timers[image->timer_count - 1] = *timer;
	SINK(image->timers, image->timer_count, compare_timers);
}

void image_add_queued(struct image *image, const struct plan_queued *queued)
{
	APPEND(image->queued, image->queued_count);
	image->queued[image->queued_count - 1] = *queued;
}

void image_add_file(struct image *image, const struct plan_file *plan, const char *path,
		    const void *data)
{
	APPEND(image->files, image->file_count);
	image->files[image->file_count - 1] = (struct image_file){
		.plan = *plan,
		.path = xstrdup(path ? path : ""),
		.data = data ? xmemdup(data, plan->length) : NULL,
	};
	SINK(image->files, image->file_count, compare_image_files);
}

void image_add_frame(struct image *image, uint64_t address)
{
	APPEND(image->frames, image->frame_count);
	image->frames[image->frame_count - 1] = (struct plan_frame){ address };
	SINK(image->frames, image->frame_count, compare_frames);
}

void image_add_slot(struct image *image, uint64_t address, const char *name)
{
	APPEND(image->slots, image->slot_count);
	image->slots[image->slot_count - 1] = (struct image_slot){
		.address = address,
		.name = xstrdup(name),
	};
	SINK(image->slots, image->slot_count, compare_slots);
}

void image_add_variable(struct image *image, uint64_t string, const char *name)
{
	APPEND(image->variables, image->variable_count);
	image->variables[image->variable_count - 1] = (struct image_variable){
		.string = string,
		.name = xstrdup(name),
	};
}

void image_add_fixup(struct image *image, const struct plan_fixup *fixup)
{
	APPEND(image->fixups, image->fixup_count);
	image->fixups[image->fixup_count - 1] = *fixup;
	SINK(image->fixups, image->fixup_count, compare_fixups);
}

void image_add_patch(struct image *image, uint64_t address, const void *bytes, size_t length)
{
	APPEND(image->patches, image->patch_count);
	image->patches[image->patch_count - 1] = (struct image_patch){
		.address = address,
		.length = length,
		.bytes = xmemdup(bytes, length),
	};
	SINK(image->patches, image->patch_count, compare_patches);
}

void image_add_need(struct image *image, const char *name)
{
	APPEND(image->needs, image->need_count);
	image->needs[image->need_count - 1] = xstrdup(name);
	SINK(image->needs, image->need_count, compare_needs);
}

void image_add_need_to(void *image, const char *name)
{
	image_add_need(image, name);
}

void image_limit_needs(struct image *image, bool (*keep)(int level, const char *name),
		       int level)
{
	size_t kept = 0;

	for (size_t i = 0; i < image->need_count; i++) {
		if (keep(level, image->needs[i]))
			image->needs[kept++] = image->needs[i];
		else
			free(image->needs[i]);
	}
	image->need_count = kept;
}

static int find_region(const void *key, const void *item)
{
	uint64_t address = *(const uint64_t *)key;
	const struct region *region = item;

	if (address < region->range.start)
		return -1;
	return address >= region->range.end;
}

const struct region *image_find(const struct image *image, uint64_t address)
{
	if (!image->region_count)
		return NULL;
	return bsearch(&address, image->regions, image->region_count,
		       sizeof(*image->regions), find_region);
}

bool image_is_free(const struct image *image, struct range range)
{
	for (size_t i = 0; i < image->region_count; i++)
		if (range_overlaps(image->regions[i].range, range))
			return false;
	return true;
}
