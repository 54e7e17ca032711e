/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Objects of shared memory. Their content is copied at once, since others go on writing to it,
 * and lies in the dump like memory:
 *
 *   object         |data|  hole  |data|data|  hole  |
 *   in the image   |data|data|data|               a region that the restarter unmaps
 *
 * It is the object's, not what this process has touched of it. Whoever has a descriptor sees
 * where data is: the program has one, or the kernel gives one in /proc/PID/map_files to the
 * privileged. Else it is read through a mapping; of a tmpfs only pages that mincore() has told,
 * since a hole that is read there becomes a page (mm/shmem.c, shmem_fault).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "arch_layout.h"
#include "image/room.h"
#include "process/process.h"
#include "base/io.h"
#include "base/bytes.h"
#include "base/xalloc.h"

/* Far from what a program or the layout puts anywhere. */
#define SEARCH_START UINT64_C(0x200000000000)
#define DISTANCE (UINT64_C(1) << 20)

#define CHUNK ((size_t)1 << 20)
/* Holes that are shorter are in the image, too: what is filled at a start is some pieces. */
#define HOLE_FIRST (UINT64_C(64) << 10)
#define PIECES_LEAST 4096

struct object_piece {
	struct object *object;
	uint64_t offset, length; /* in the object */
	uint64_t source;         /* address in the image */
};

/* ---- The list --------------------------------------------------------------------------- */

struct object *objects_find(const struct process *process, uint64_t device, uint64_t inode,
			    bool segment)
{
	for (struct object *object = process->objects.list; object; object = object->next)
		if (object->device == device && object->inode == inode
		    && object->segment == segment)
			return object;
	return NULL;
}

/* What memfd_create was given as a name, for what /proc shows. To be freed. */
static char *object_name(const char *shown)
{
	static const char before[] = "/memfd:", behind[] = " (deleted)";
	size_t prefix = sizeof(before) - 1, suffix = sizeof(behind) - 1, length;
	char *name;

	if (!strncmp(shown, before, prefix))
		shown += prefix;
	name = xstrdup(shown);
	length = strlen(name);
	if (length >= suffix && !strcmp(name + length - suffix, behind))
		name[length - suffix] = 0;
	/* memfd_create takes no longer ones. */
	if (strlen(name) > 249)
		name[249] = 0;
	return name;
}

static struct object *add_object(struct process *process, const char *name)
{
	struct objects *objects = &process->objects;
	struct object *object = xcalloc(1, sizeof(*object));

	if (!objects->end) {
		objects->end = &objects->list;
		objects->store = memfd_create("unexec", MFD_CLOEXEC);
		if (objects->store < 0)
			report_errno(process->report, READ, "cannot copy shared memory");
	}
	*objects->end = object;
	objects->end = &object->next;
	object->name = object_name(name);
	object->plan = (struct plan_file){ .kind = PLAN_FD_MEMORY, .offset = PLAN_NO_OFFSET };
	object->map_kind = PLAN_FD_MAP;
	return object;
}

/* Takes room in the store. */
static int set_size(struct process *process, struct object *object, uint64_t size)
{
	struct objects *objects = &process->objects;
	uint64_t page = process->capture.image->page_size;

	object->plan.memory.size = size;
	object->base = objects->size;
	objects->size += align_up(size, page);
	return ftruncate(objects->store, (off_t)objects->size);
}

/* ---- Copying ---------------------------------------------------------------------------- */

/* Puts the pages that are not zero at `offset` of the object, where a page begins. */
static int put(const struct process *process, const struct object *object, uint64_t offset,
	       const char *bytes, size_t length)
{
	size_t page = process->capture.image->page_size, end;

	for (size_t at = 0; at < length; at = end + page) {
		uint64_t to = object->base + offset + at;

		for (end = at; end < length && !bytes_are_zero(bytes + end, page); end += page)
			;
		if (io_write_at(process->objects.store, bytes + at, end - at, to))
			return -1;
	}
	return 0;
}

static int copy_run(const struct process *process, const struct object *object, int from,
		    struct range run)
{
	size_t page = process->capture.image->page_size;
	char *bytes = xmalloc(CHUNK + page);

	while (run.start < run.end) {
		size_t step = range_length(run) < CHUNK ? range_length(run) : CHUNK;
		ssize_t got = pread(from, bytes, step, (off_t)run.start);

		if (got <= 0)
			break;
		memset(bytes + got, 0, page); /* what its last page has beyond its end */
		if (put(process, object, run.start, bytes, (size_t)got))
			break;
		run.start += (uint64_t)got;
	}
	free(bytes);
	return run.start < run.end ? -1 : 0;
}

/* `from` is an open file of our own, whose offset SEEK_DATA may move. */
static int copy_file(struct process *process, struct object *object, int from)
{
	struct stat status;
	off_t at = 0, end;
	int failed;

	if (fstat(from, &status) || set_size(process, object, (uint64_t)status.st_size))
		return -1;
	failed = 0;
	while (!failed && (at = lseek(from, at, SEEK_DATA)) >= 0) {
		end = lseek(from, at, SEEK_HOLE);
		failed = end < 0 || copy_run(process, object, from, (struct range){
			(uint64_t)at, (uint64_t)end });
		at = end;
	}
	if (failed || (errno != ENXIO && status.st_size))
		return -1;
	object->known = true;
	return 0;
}

struct object *objects_add(struct process *process, const struct plan_file *plan, int fd,
			   const char *name)
{
	struct object *object = add_object(process, name);
	struct stat status;
	char path[32];
	int from;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	from = open(path, O_RDONLY | O_CLOEXEC);
	object->plan = *plan;
	if (from < 0 || fstat(from, &status) || copy_file(process, object, from)) {
		report_errno(process->report, READ, "cannot copy the memory of descriptor %d",
			     plan->number);
	} else {
		object->device = status.st_dev;
		object->inode = status.st_ino;
	}
	if (from >= 0)
		close(from);
	return object;
}

void objects_add_mapped(struct process *process, int number, const struct stat *status,
			uint32_t map_kind)
{
	struct object *object = add_object(process, "");

	object->device = status->st_dev;
	object->inode = status->st_ino;
	object->plan.number = number;
	object->map_kind = map_kind;
	object->known = true;
}

/* ---- What has no descriptor ------------------------------------------------------------- */

static int open_link(const struct process *process, const struct object *object)
{
	int link = -1;

	for (size_t i = 0; i < object->mapping_count && link < 0; i++) {
		struct range range = object->mappings[i].whole;
		char name[64];

		snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, range.start,
			 range.end);
		link = openat(process->handoff.fds.proc, name,
			      O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	return link;
}

/* Whether a line of mountinfo is of a tmpfs with that device number. */
static bool is_tmpfs_line(const char *line, uint64_t device)
{
	const char *type = strstr(line, " - ");
	unsigned major_number, minor_number;

	return type && sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) == 2
	       && makedev(major_number, minor_number) == device
	       && !strncmp(type + 3, "tmpfs ", 6);
}

/* Memory and nothing else: of a tmpfs that is mounted, or of the kernel's own, which memfds,
 * shared anonymous memory and System V segments are of. */
static bool is_of_tmpfs(const struct process *process, const struct object *object)
{
	struct stat own;
	FILE *stream;
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!fstat(process->objects.store, &own) && own.st_dev == object->device)
		return true;
	stream = process_open(process->handoff.fds.proc, "mountinfo");
	while (stream && !found && getline(&line, &room, stream) > 0)
		found = is_tmpfs_line(line, object->device);
	free(line);
	if (stream)
		fclose(stream);
	return found;
}

/* Whether the kernel lets nobody read there: beyond the object's end, or an error of a disk. */
static bool can_read(const struct process *process, uint64_t address)
{
	char byte;

	return pread(process->handoff.fds.mem, &byte, 1, (off_t)address) == 1;
}

static uint64_t address_of(const struct object_mapping *mapping, uint64_t offset)
{
	return mapping->range.start + (offset - mapping->offset);
}

static uint64_t end_of(const struct object_mapping *mapping)
{
	return mapping->offset + range_length(mapping->range);
}

/* Reads the run of the object through a mapping. Where it can be read no further the object
 * ends, if it is so to the mapping's end, too, and the mapping is no guard. */
static int copy_mapped(struct process *process, struct object *object,
		       const struct object_mapping *mapping, struct range run)
{
	char *bytes = xmalloc(CHUNK);
	int failed = 0;

	while (!failed && run.start < run.end && run.start < object->plan.memory.size) {
		size_t step = range_length(run) < CHUNK ? range_length(run) : CHUNK;
		ssize_t got = pread(process->handoff.fds.mem, bytes, step,
				    (off_t)address_of(mapping, run.start));

		if (got > 0) {
			failed = put(process, object, run.start, bytes, (size_t)got);
			run.start += (uint64_t)got;
		} else if (got < 0 && errno == EIO && !object->huge
			   && !(mapping->flags & REGION_GUARD)
			   && !can_read(process, mapping->range.end - 1)) {
			object->plan.memory.size = run.start;
		} else {
			failed = -1;
		}
	}
	free(bytes);
	return failed;
}

/* The first range of the list that ends behind the address. */
static size_t first_behind(const struct range *list, size_t count, uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The same of what mincore() has told of the mapping. */
static int copy_resident(struct process *process, struct object *object,
			 const struct object_mapping *mapping, struct range run)
{
	const struct range *list = process->resident;
	uint64_t start = address_of(mapping, run.start), end = address_of(mapping, run.end);
	size_t i = first_behind(list, process->resident_count, start);

	for (; i < process->resident_count && list[i].start < end; i++) {
		struct range part = list[i];

		if (part.start < start)
			part.start = start;
		if (part.end > end)
			part.end = end;
		part.start = part.start - mapping->range.start + mapping->offset;
		part.end = part.end - mapping->range.start + mapping->offset;
		if (copy_mapped(process, object, mapping, part))
			return -1;
	}
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct object_mapping *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Shared anonymous memory and segments are made as long as they are mapped. */
static bool is_as_long(const struct object *object)
{
	return object->segment || object->name[0] == '[' || !strcmp(object->name, "/dev/zero");
}

/* The last page that is mapped tells whether the mapping is longer than the object: reading
 * there fails, or makes a page of it if it is a hole. */
static void find_end(struct process *process, struct object *object)
{
	const struct object_mapping *last = &object->mappings[0];
	uint64_t page = process->capture.image->page_size, low, high;

	for (size_t i = 1; i < object->mapping_count; i++)
		if (end_of(&object->mappings[i]) > end_of(last))
			last = &object->mappings[i];
	high = end_of(last);
	if (is_as_long(object) || last->flags & REGION_GUARD || object->plan.memory.size < high
	    || can_read(process, last->range.end - 1))
		return;
	for (low = last->offset; low < high;) {
		uint64_t middle = low + align_down((high - low) / 2, page);

		if (can_read(process, address_of(last, middle)))
			low = middle + page;
		else
			high = middle;
	}
	object->plan.memory.size = low;
}

/* Each part of the object through the first mapping that has it. */
static int copy_by_mappings(struct process *process, struct object *object)
{
	bool sparse = process->resident_known && !object->swapped
		      && is_of_tmpfs(process, object);
	uint64_t at = 0, size = 0;
	int failed = 0;

	qsort(object->mappings, object->mapping_count, sizeof(*object->mappings), by_offset);
	for (size_t i = 0; i < object->mapping_count; i++)
		if (end_of(&object->mappings[i]) > size)
			size = end_of(&object->mappings[i]);
	if (set_size(process, object, size))
		return -1;
	for (size_t i = 0; i < object->mapping_count && !failed; i++) {
		const struct object_mapping *mapping = &object->mappings[i];
		struct range run = { mapping->offset, end_of(mapping) };

		if (run.start < at)
			run.start = at;
		if (run.start >= run.end)
			continue;
		at = run.end;
		failed = sparse ? copy_resident(process, object, mapping, run)
				: copy_mapped(process, object, mapping, run);
	}
	if (sparse && !failed)
		find_end(process, object);
	return failed;
}

static void copy_object(struct process *process, struct object *object)
{
	struct range first = object->mappings[0].range;
	int link = open_link(process, object);
	int failed = link < 0 ? copy_by_mappings(process, object)
			      : copy_file(process, object, link);

	if (failed)
		report_add(process->report, UNEXEC_ERROR, UNEXEC_CODE_READ, errno, first.start,
			   first.end, "cannot copy the shared memory at %#" PRIx64 " (%s)",
			   first.start, object->name);
	if (link >= 0)
		close(link);
}

/* ---- What is left out ------------------------------------------------------------------- */

static void exclude(struct process *process, const struct object *object,
		    const struct object_mapping *mapping, struct range range)
{
	uint64_t start = range.start, end = range.end;

	if (start < mapping->range.start)
		start = mapping->range.start;
	if (end > mapping->range.end)
		end = mapping->range.end;
	if (start >= end)
		return;
	start = start - mapping->range.start + mapping->offset;
	end = end - mapping->range.start + mapping->offset;
	if (end > object->plan.memory.size)
		end = object->plan.memory.size;
	if (start < end && fallocate(process->objects.store,
				     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     (off_t)(object->base + start), (off_t)(end - start)))
		report_errno(process->report, READ, "cannot exclude shared memory");
}

static void exclude_everywhere(struct process *process, struct range range)
{
	for (struct object *object = process->objects.list; object; object = object->next)
		for (size_t i = 0; i < object->mapping_count; i++)
			exclude(process, object, &object->mappings[i], range);
}

static void exclude_all(struct process *process)
{
	struct object *object = process->objects.list;

	for (; object; object = object->next)
		for (size_t i = 0; i < object->mapping_count; i++)
			if (object->mappings[i].excluded)
				exclude(process, object, &object->mappings[i],
					object->mappings[i].range);
	for (size_t i = 0; i < process->excluded_count; i++)
		exclude_everywhere(process, process->excluded[i]);
}

/* ---- Mappings --------------------------------------------------------------------------- */

static void say_whose(struct process *process, const struct object *object,
		      const struct smaps_entry *entry)
{
	report_add(process->report, UNEXEC_WARNING, UNEXEC_CODE_SHARED, 0, entry->range.start,
		   entry->range.end, "%s: %s at %#" PRIx64 "-%#" PRIx64,
		   object->segment ? "shared memory becomes the dump's own, and shmdt() does not "
				     "know it there"
				   : "shared memory becomes the dump's own",
		   entry->name, entry->range.start, entry->range.end);
}

void objects_add_mapping(struct process *process, const struct smaps_entry *entry, bool excluded)
{
	bool segment = !strncmp(entry->name, "/SYSV", 5);
	struct object *object = objects_find(process, entry->device_number, entry->inode,
					     segment);

	if (!object) {
		object = add_object(process, entry->name);
		object->device = entry->device_number;
		object->inode = entry->inode;
		object->segment = segment;
		say_whose(process, object, entry);
	}
	object->huge |= entry->huge;
	object->swapped |= entry->swapped > 0;
	xgrow(object->mappings, object->mapping_count, object->mapping_room);
	object->mappings[object->mapping_count++] = (struct object_mapping){
		entry->range, entry->whole, entry->offset, entry->prot, entry->flags, excluded
	};
}

void objects_copy(struct process *process)
{
	struct object *object = process->objects.list;

	for (; object && !process->report->status; object = object->next)
		if (!object->known)
			copy_object(process, object);
	if (!process->report->status)
		exclude_all(process);
}

/* ---- Their place in the image ----------------------------------------------------------- */

static uint64_t find_object_room(const struct image *image, uint64_t length)
{
	return image_find_room(image, &(struct room){
					      .length = length, .distance = DISTANCE,
					      .within = { SEARCH_START + DISTANCE,
							  ARCH_PLACE_END } });
}

static void add_piece(struct objects *objects, struct object *object, struct range run,
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

/* Where the store has data of the object. 0, or -1 with errno. */
static int find_pieces(struct objects *objects, struct object *object, uint64_t hole)
{
	uint64_t size = object->plan.memory.size;
	off_t at = (off_t)object->base, end;

	while (size && (at = lseek(objects->store, at, SEEK_DATA)) >= 0
	       && (uint64_t)at < object->base + size) {
		struct range run = { (uint64_t)at - object->base, 0 };

		end = lseek(objects->store, at, SEEK_HOLE);
		if (end < 0)
			return -1;
		run.end = (uint64_t)end - object->base;
		if (run.end > size)
			run.end = size;
		add_piece(objects, object, run, hole);
		at = end;
	}
	return at < 0 && errno != ENXIO ? -1 : 0;
}

/* So few that the plan has room for all. Returns how long they are together, in pages. */
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

static void add_plan(struct image *image, const struct object *object, uint32_t kind,
		     struct plan_file plan)
{
	plan.kind = kind;
	plan.number = object->plan.number;
	image_add_file(image, &plan, NULL, NULL);
}

static void add_seals(struct image *image, const struct object *object, bool last)
{
	struct plan_file plan = { .seal.seals = object->seals };

	/* What may not be written may not be mapped for writing either, not for a moment. */
	if (object->seals && last == !(object->seals & F_SEAL_WRITE))
		add_plan(image, object, last ? PLAN_FD_SEAL_LAST : PLAN_FD_SEAL, plan);
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

		add_plan(image, object, object->map_kind, plan);
	}
}

/* The pieces of the object begin at `at`. Returns where the next object's do. */
static size_t add_object_plans(struct process *process, const struct object *object, size_t at)
{
	const struct objects *objects = &process->objects;
	struct image *image = process->capture.image;

	if (object->map_kind == PLAN_FD_MAP)
		image_add_file(image, &object->plan, object->name, NULL);
	for (; at < objects->piece_count && objects->pieces[at].object == object; at++) {
		const struct object_piece *piece = &objects->pieces[at];

		add_plan(image, object, PLAN_FD_FILL, (struct plan_file){
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

/* ---- Reading there ---------------------------------------------------------------------- */

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
		if (io_read_at(objects->store, buffer, step,
			       piece->object->base + piece->offset + skip))
			return -1;
		buffer = (char *)buffer + step;
		address += step;
		length -= step;
	}
	return 1;
}

void objects_free(struct process *process)
{
	struct objects *objects = &process->objects;

	while (objects->list) {
		struct object *object = objects->list;

		objects->list = object->next;
		free(object->name);
		free(object->mappings);
		free(object);
	}
	if (objects->end && objects->store >= 0)
		close(objects->store);
	free(objects->pieces);
}
