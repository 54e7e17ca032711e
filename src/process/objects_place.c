/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds addresses in the image for the content of shared memory, and reads it there:
 *
 *   object         |data|  hole  |data|data|  hole  |
 *   in the image   |data|data|data|               a region that the restarter unmaps
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch_address_space.h"
#include "base/bytes.h"
#include "base/io.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "image/free_room.h"
#include "process/process.h"

#define DISTANCE (UINT64_C(1) << 20)

/* Shorter holes are stored as zeros, to limit the number of pieces that a start must fill. */
#define HOLE_FIRST (UINT64_C(64) << 10)
#define PIECES_LEAST 4096

struct object_piece {
	struct object *object;
	uint64_t offset, length; /* in the object */
	uint64_t source;         /* address in the image */
};

/* ---- Addresses in the image ------------------------------------------------------------- */

static uint64_t find_object_room(const struct image *image, uint64_t length)
{
	return image_find_room(image, &(struct room){
					      .length = length, .distance = DISTANCE,
					      .within = { ARCH_OBJECT_SEARCH_START + DISTANCE,
							  ARCH_PLACE_END } });
}

static void add_object_piece(struct objects *objects, struct object *object, struct range run,
			     uint64_t hole)
{
	struct object_piece *last = objects->piece_count
				    ? &objects->pieces[objects->piece_count - 1] : NULL;

	if (last && last->object == object
	    && run.start - (last->offset + last->length) < hole) {
		last->length = run.end - last->offset;
		return;
	}
	xgrow(objects->pieces, objects->piece_count, objects->piece_room);
	objects->pieces[objects->piece_count++] = (struct object_piece){
		.object = object, .offset = run.start, .length = range_length(run)
	};
}

/* Finds the ranges of the store with data of the object. 0, or -1 with errno. */
static int find_pieces(struct objects *objects, struct object *object, uint64_t hole)
{
	int store = object->store->fd;
	uint64_t size = object->plan.memory.size;
	off_t at = (off_t)object->base, end;

	while (size && (at = lseek(store, at, SEEK_DATA)) >= 0
	       && (uint64_t)at < object->base + size) {
		struct range run = { (uint64_t)at - object->base, 0 };

		end = lseek(store, at, SEEK_HOLE);
		if (end < 0)
			return -1;
		run.end = (uint64_t)end - object->base;
		if (run.end > size)
			run.end = size;
		add_object_piece(objects, object, run, hole);
		at = end;
	}
	return at < 0 && errno != ENXIO ? -1 : 0;
}

/* Enlarges the least hole until the plan has room for all pieces. Returns their total length,
 * rounded up to pages. */
static uint64_t find_all_pieces(struct process *process)
{
	struct objects *objects = &process->objects;
	uint64_t page = process->capture.image->page_size, length = 0, hole = 0;
	size_t count = 0;

	for (struct object *object = objects->list; object; object = object->next)
		count++;
	do {
		objects->piece_count = 0;
		for (struct object *object = objects->list; object; object = object->next)
			if (find_pieces(objects, object, hole))
				report_errno(process->report, READ,
					     "cannot find the content of shared memory");
		hole = hole ? hole * 2 : HOLE_FIRST;
	} while (!process->report->status && objects->piece_count > PIECES_LEAST + 2 * count);
	for (size_t i = 0; i < objects->piece_count; i++)
		length += align_up(objects->pieces[i].length, page);
	return length;
}

static void add_object_plan(struct image *image, const struct object *object, uint32_t kind,
			    struct plan_file plan)
{
	plan.kind = kind;
	plan.number = object->plan.number;
	image_add_file(image, &plan, NULL, NULL);
}

static void add_seals(struct image *image, const struct object *object, bool last)
{
	struct plan_file plan = { .seal.seals = object->seals };

	/* An object with F_SEAL_WRITE must never be mapped writable, not even for a moment: its
	 * seals are added before the mappings, other seals after them. */
	if (object->seals && last == !(object->seals & F_SEAL_WRITE))
		add_object_plan(image, object, last ? PLAN_FD_SEAL_LAST : PLAN_FD_SEAL, plan);
}

static void add_mappings(struct image *image, const struct object *object)
{
	for (size_t i = 0; i < object->mapping_count; i++) {
		const struct object_mapping *mapping = &object->mappings[i];
		struct plan_file plan = {
			.flags = mapping->flags & REGION_NORESERVE ? MAP_NORESERVE : 0,
			.offset = mapping->offset,
			.map.start = mapping->range.start,
			.map.length = range_length(mapping->range),
			.map.prot = mapping->prot,
		};

		add_object_plan(image, object, object->map_kind, plan);
	}
}

static void add_object(struct image *image, const struct object *object)
{
	struct plan_file plan = object->plan;
	/* 249 is memfd_create's limit. */
	size_t length = plan.kind == PLAN_FD_MEMORY ? strnlen(object->name, 249)
						    : path_directory(object->name);
	char *part = xasprintf("%.*s", (int)length, object->name);

	if (plan.kind == PLAN_FD_MEMORY) {
		image_add_file(image, &plan, part, NULL);
	} else {
		plan.length = (uint32_t)length + 1;
		image_add_file(image, &plan, object->name, part);
	}
	free(part);
}

/* The pieces of the object start at index `at`. Returns the index of the next object's. */
static size_t add_object_plans(struct process *process, const struct object *object, size_t at)
{
	const struct objects *objects = &process->objects;
	struct image *image = process->capture.image;

	if (object->map_kind == PLAN_FD_MAP)
		add_object(image, object);
	for (; at < objects->piece_count && objects->pieces[at].object == object; at++) {
		const struct object_piece *piece = &objects->pieces[at];

		add_object_plan(image, object, PLAN_FD_FILL, (struct plan_file){
			.offset = piece->offset,
			.fill.source = piece->source,
			.fill.length = piece->length,
		});
	}
	add_seals(image, object, false);
	add_mappings(image, object);
	add_seals(image, object, true);
	return at;
}

void objects_place(struct process *process)
{
	struct image *image = process->capture.image;
	struct objects *objects = &process->objects;
	uint64_t page = image->page_size, length = find_all_pieces(process);
	uint64_t start = find_object_room(image, length), next = start;
	size_t at = 0;

	if (length && !start)
		report_error(process->report, NO_ROOM, "no free addresses for the content of "
			     "shared memory");
	for (size_t i = 0; i < objects->piece_count; i++) {
		objects->pieces[i].source = next;
		next += align_up(objects->pieces[i].length, page);
	}
	for (struct object *object = objects->list; object; object = object->next)
		at = add_object_plans(process, object, at);
	if (length && start)
		image_insert_region(image, (struct range){ start, start + length }, PROT_READ,
				    ORIGIN_MEMFD);
}

/* ---- Reading ---------------------------------------------------------------------------- */

static const struct object_piece *find_piece(const struct objects *objects, uint64_t address)
{
	size_t low = 0, high = objects->piece_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (objects->pieces[middle].source <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &objects->pieces[low - 1] : NULL;
}

int objects_read(const struct process *process, uint64_t address, void *buffer,
			 size_t length)
{
	const struct objects *objects = &process->objects;
	uint64_t page = process->capture.image->page_size;

	while (length) {
		const struct object_piece *piece = find_piece(objects, address);
		uint64_t skip = piece ? address - piece->source : 0, room;
		size_t step;

		room = piece ? align_up(piece->length, page) : 0;
		if (skip >= room)
			return 0;
		step = length < room - skip ? length : room - skip;
		if (io_read_at(piece->object->store->fd, buffer, step,
			       piece->object->base + piece->offset + skip))
			return -1;
		buffer = (char *)buffer + step;
		address += step;
		length -= step;
	}
	return 1;
}
