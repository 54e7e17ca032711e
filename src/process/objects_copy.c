/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies the content of shared memory at once, since others go on writing to it.
 *
 * The content is the object's, not only the pages that this process has touched. A descriptor
 * shows where the data is: the program has one, or the kernel gives one in /proc/PID/map_files to
 * the privileged. Otherwise the object is read through a mapping; of a tmpfs only the pages that
 * mincore() has reported, since reading a hole there makes a page (mm/shmem.c, shmem_fault).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "process/proc_files.h"
#include "process/process.h"

#define CHUNK ((size_t)1 << 20)

/* ---- The store -------------------------------------------------------------------------- */

/* Deleted files may be larger than memory. The dump will be as large, so there is room where it
 * is written. */
static struct object_store *file_store(struct process *process)
{
	struct object_store *store = &process->objects.files;
	const char *dump = process->dump;
	char *directory = NULL;

	if (dump)
		directory = strchr(dump, '/') ? xasprintf("%.*s", (int)path_directory(dump), dump)
					      : xstrdup(".");
	if (store->fd < 0)
		store->fd = io_make_nameless(directory);
	free(directory);
	return store;
}

/* Reserves space in the store. */
static int take_store(struct process *process, struct object *object, uint64_t size)
{
	struct object_store *store = object->store;
	uint64_t page = process->capture.image->page_size;

	object->plan.memory.size = size;
	object->base = store->size;
	store->size += align_up(size, page);
	return ftruncate(store->fd, (off_t)store->size);
}

/* ---- Through a descriptor --------------------------------------------------------------- */

/* Writes the pages that are not zero to the store. `offset` in the object is page-aligned. */
static int put_pages(const struct process *process, const struct object *object, uint64_t offset,
	       const char *bytes, size_t length)
{
	size_t page = process->capture.image->page_size, end;

	for (size_t at = 0; at < length; at = end + page) {
		uint64_t to = object->base + offset + at;

		for (end = at; end < length && !bytes_are_zero(bytes + end, page); end += page)
			;
		if (io_write_at(object->store->fd, bytes + at, end - at, to))
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
		memset(bytes + got, 0, page); /* the rest of its last page */
		if (put_pages(process, object, run.start, bytes, (size_t)got))
			break;
		run.start += (uint64_t)got;
	}
	free(bytes);
	return run.start < run.end ? -1 : 0;
}

/* Copies from an open file of our own, whose offset SEEK_DATA may move. */
static int copy_file(struct process *process, struct object *object, int from)
{
	struct stat status;
	off_t at = 0, end;
	int failed;

	if (fstat(from, &status) || take_store(process, object, (uint64_t)status.st_size))
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

/* Copies from the process's own open file, whose offset must not move. */
static int copy_whole(struct process *process, struct object *object, int from)
{
	struct stat status;

	if (fstat(from, &status) || take_store(process, object, (uint64_t)status.st_size)
	    || copy_run(process, object, from, (struct range){ 0, (uint64_t)status.st_size }))
		return -1;
	object->known = true;
	return 0;
}

struct object *objects_add(struct process *process, const struct plan_file *plan, int fd,
			   const char *name)
{
	struct object *object = objects_new(process, name);
	struct stat status;
	char path[32];
	int from;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	from = open(path, O_RDONLY | O_CLOEXEC);
	object->plan = *plan;
	if (plan->kind == PLAN_FD_UNNAMED)
		object->store = file_store(process);
	/* Its mode, or a user ID that the process has given up, may forbid to open it again. */
	if (fstat(fd, &status) || (from < 0 ? copy_whole(process, object, fd)
					    : copy_file(process, object, from))) {
		report_errno(process->report, READ, "cannot copy the content of descriptor %d",
			     plan->number);
	} else {
		object->device = status.st_dev;
		object->inode = status.st_ino;
	}
	if (from >= 0)
		close(from);
	return object;
}

/* ---- Through a mapping ------------------------------------------------------------------ */

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

/* Is the line of mountinfo for a tmpfs with that device number? */
static bool is_tmpfs_line(const char *line, uint64_t device)
{
	const char *type = strstr(line, " - ");
	unsigned major_number, minor_number;

	return type && sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) == 2
	       && makedev(major_number, minor_number) == device
	       && !strncmp(type + 3, "tmpfs ", 6);
}

/* Is the object in a tmpfs: one that is mounted, or the kernel's own, which contains memfds,
 * shared anonymous memory and System V segments? */
static bool is_of_tmpfs(const struct process *process, const struct object *object)
{
	struct stat own;
	FILE *stream;
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!fstat(process->objects.memory.fd, &own) && own.st_dev == object->device)
		return true;
	stream = process_open(process->handoff.fds.proc, "mountinfo");
	while (stream && !found && getline(&line, &room, stream) > 0)
		found = is_tmpfs_line(line, object->device);
	free(line);
	if (stream)
		fclose(stream);
	return found;
}

/* Can the address be read? Not beyond the end of the object, and not on a disk error. */
static bool can_read_memory(const struct process *process, uint64_t address)
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

/* Copies a range of the object through a mapping. Unreadable memory is the end of the object if
 * it is unreadable up to the end of the mapping, and the mapping is no guard. */
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
			failed = put_pages(process, object, run.start, bytes, (size_t)got);
			run.start += (uint64_t)got;
		} else if (got < 0 && errno == EIO && !object->huge
			   && !(mapping->flags & REGION_GUARD)
			   && !can_read_memory(process, mapping->range.end - 1)) {
			object->plan.memory.size = run.start;
		} else {
			failed = -1;
		}
	}
	free(bytes);
	return failed;
}

/* Index of the first range in the list that ends after the address. */
static size_t first_ending_after(const struct range *list, size_t count, uint64_t address)
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

/* The same, only for the pages of the mapping that mincore() has reported. */
static int copy_resident(struct process *process, struct object *object,
			 const struct object_mapping *mapping, struct range run)
{
	const struct range *list = process->resident;
	uint64_t start = address_of(mapping, run.start), end = address_of(mapping, run.end);
	size_t i = first_ending_after(list, process->resident_count, start);

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

static int by_mapping_offset(const void *a, const void *b)
{
	const struct object_mapping *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Shared anonymous memory and System V segments are as long as their first mapping. */
static bool is_as_long_as_mapped(const struct object *object)
{
	return object->segment || object->name[0] == '[' || !strcmp(object->name, "/dev/zero");
}

/* If the last mapped page cannot be read, the mapping is longer than the object, and the end is
 * searched for. (Reading the last page makes a page if there is a hole.) */
static void find_end(struct process *process, struct object *object)
{
	const struct object_mapping *last = &object->mappings[0];
	uint64_t page = process->capture.image->page_size, low, high;

	for (size_t i = 1; i < object->mapping_count; i++)
		if (end_of(&object->mappings[i]) > end_of(last))
			last = &object->mappings[i];
	high = end_of(last);
	if (is_as_long_as_mapped(object) || last->flags & REGION_GUARD
	    || object->plan.memory.size < high
	    || can_read_memory(process, last->range.end - 1))
		return;
	for (low = last->offset; low < high;) {
		uint64_t middle = low + align_down((high - low) / 2, page);

		if (can_read_memory(process, address_of(last, middle)))
			low = middle + page;
		else
			high = middle;
	}
	object->plan.memory.size = low;
}

/* Copies each part of the object through the first mapping that contains it. */
static int copy_by_mappings(struct process *process, struct object *object)
{
	bool sparse = process->resident_known && !object->swapped
		      && is_of_tmpfs(process, object);
	uint64_t at = 0, size = 0;
	int failed = 0;

	qsort(object->mappings, object->mapping_count, sizeof(*object->mappings),
	      by_mapping_offset);
	for (size_t i = 0; i < object->mapping_count; i++)
		if (end_of(&object->mappings[i]) > size)
			size = end_of(&object->mappings[i]);
	if (take_store(process, object, size))
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

static bool is_deleted_file(const struct process *process, const struct object *object)
{
	return object->name[0] == '/' && !object->huge && !is_of_tmpfs(process, object);
}

static void copy_object(struct process *process, struct object *object)
{
	struct range first = object->mappings[0].range;
	int link = open_link(process, object), failed;

	if (is_deleted_file(process, object)) {
		object->plan.kind = PLAN_FD_UNNAMED;
		object->store = file_store(process);
	}
	failed = link < 0 ? copy_by_mappings(process, object)
			  : copy_file(process, object, link);
	if (failed)
		report_add(process->report, UNEXEC_ERROR, UNEXEC_CODE_READ, errno, first.start,
			   first.end, "cannot copy the shared memory at %#" PRIx64 " (%s)",
			   first.start, object->name);
	if (link >= 0)
		close(link);
}

/* ---- Exclusions ------------------------------------------------------------------------- */

static void exclude_from_mapping(struct process *process, const struct object *object,
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
	if (start < end && fallocate(object->store->fd,
				     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     (off_t)(object->base + start), (off_t)(end - start)))
		report_errno(process->report, READ, "cannot exclude shared memory");
}

static void exclude_everywhere(struct process *process, struct range range)
{
	for (struct object *object = process->objects.list; object; object = object->next)
		for (size_t i = 0; i < object->mapping_count; i++)
			exclude_from_mapping(process, object, &object->mappings[i], range);
}

static void exclude_all(struct process *process)
{
	struct object *object = process->objects.list;

	for (; object; object = object->next)
		for (size_t i = 0; i < object->mapping_count; i++)
			if (object->mappings[i].excluded)
				exclude_from_mapping(process, object, &object->mappings[i],
						     object->mappings[i].range);
	for (size_t i = 0; i < process->excluded_count; i++)
		exclude_everywhere(process, process->excluded[i]);
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
