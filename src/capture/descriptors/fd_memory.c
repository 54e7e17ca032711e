/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * memfds: name, content, seals, and where they are mapped. The content is copied at once,
 * since the process goes on when all is captured, and lies in the dump like memory:
 *
 *   memfd          |data|  hole  |data|data|  hole  |
 *   in the image   |data|data|data|               a region that the restarter unmaps
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "arch_layout.h"
#include "capture/descriptors/descriptors.h"
#include "image/xalloc.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#define F_SEAL_EXEC 0x20
#endif
#define HUGETLBFS 0x958458f6

/* Far from what a program or the layout puts anywhere. */
#define SEARCH_START UINT64_C(0x200000000000)
#define DISTANCE (UINT64_C(1) << 20)

struct memory {
	struct memory *next;
	struct descriptor descriptor;
	int copy; /* the data alone, run behind run */
	struct range *data, *mapped; /* in the file; addresses */
	uint64_t *offsets;           /* of what is mapped */
	size_t data_count, data_room, mapped_count, mapped_room, offset_room;
	uint64_t length;    /* of the copy: pages */
	uint32_t map_kind;  /* PLAN_FD_MAP or its like */
	struct range range; /* where it is in the image */
};

/* ---- The copy --------------------------------------------------------------------------- */

static int copy_run(int from, struct range run, int to, uint64_t at)
{
	char *bytes = xmalloc((size_t)1 << 20);

	while (run.start < run.end) {
		uint64_t step = range_length(run) < 1 << 20 ? range_length(run) : 1 << 20;
		ssize_t got = pread(from, bytes, step, (off_t)run.start);

		if (got <= 0 || pwrite(to, bytes, (size_t)got, (off_t)at) != got)
			break;
		run.start += (uint64_t)got;
		at += (uint64_t)got;
	}
	free(bytes);
	return run.start < run.end ? -1 : 0;
}

/* Through an open file of our own, whose offset SEEK_DATA may move. */
static int copy_data(struct memory *memory, uint64_t size, uint64_t page)
{
	char name[32];
	int from, failed = 0;
	off_t at = 0, end;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", memory->descriptor.fd);
	from = open(name, O_RDONLY | O_CLOEXEC);
	memory->copy = memfd_create("unexec", MFD_CLOEXEC);
	if (from < 0 || memory->copy < 0)
		failed = -1;
	while (!failed && (at = lseek(from, at, SEEK_DATA)) >= 0) {
		struct range run;

		end = lseek(from, at, SEEK_HOLE);
		run = (struct range){ (uint64_t)at, (uint64_t)end };
		failed = end < 0 || copy_run(from, run, memory->copy, memory->length);
		xgrow(memory->data, memory->data_count, memory->data_room);
		memory->data[memory->data_count++] = run;
		memory->length += (range_length(run) + page - 1) & -page;
		at = end;
	}
	if (from >= 0)
		close(from);
	return failed || ftruncate(memory->copy, (off_t)memory->length)
	       || (size && at < 0 && errno != ENXIO) ? -1 : 0;
}

/* ---- The descriptor --------------------------------------------------------------------- */

static uint64_t creation_flags(const struct descriptor *descriptor, unsigned seals)
{
	if (seals & F_SEAL_EXEC && !(descriptor->status.st_mode & 0111))
		return MFD_NOEXEC_SEAL;
	return seals == F_SEAL_SEAL ? 0 : MFD_ALLOW_SEALING;
}

static void add_seals(struct image *image, const struct descriptor *descriptor, unsigned seals)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_SEAL);

	/* What may not be written may not be mapped for writing either, not for a moment. */
	if (!(seals & F_SEAL_WRITE))
		plan.kind = PLAN_FD_SEAL_LAST;
	plan.seal.seals = seals;
	if (seals && seals != F_SEAL_SEAL)
		image_add_file(image, &plan, NULL, NULL);
}

static void add_again(struct image *image, const struct descriptor *descriptor, int other)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_AGAIN);

	plan.other = other;
	plan.offset = (uint64_t)lseek(descriptor->fd, 0, SEEK_CUR);
	image_add_file(image, &plan, NULL, NULL);
}

static char *name_of(const struct descriptor *descriptor)
{
	static const char before[] = "/memfd:", behind[] = " (deleted)";
	char *name = xstrdup(descriptor->target + sizeof(before) - 1);
	size_t length = strlen(name);

	if (length >= sizeof(behind) - 1 && !strcmp(name + length - sizeof(behind) + 1, behind))
		name[length - sizeof(behind) + 1] = 0;
	return name;
}

/* `flags`: those that memfd_create gives, of which libc's O_LARGEFILE need not be one. Others
 * are had by opening it a second time, which takes /proc. */
static void add_plans(struct image *image, const struct descriptor *descriptor, unsigned seals,
		      unsigned flags)
{
	const unsigned settable = O_CLOEXEC | O_NONBLOCK;
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_MEMORY);
	char *name = name_of(descriptor);
	bool again = (descriptor->flags ^ flags) & ~settable;

	if (again)
		plan.flags = O_RDWR;
	plan.offset = (uint64_t)lseek(descriptor->fd, 0, SEEK_CUR);
	plan.memory.flags = creation_flags(descriptor, seals);
	plan.memory.size = (uint64_t)descriptor->status.st_size;
	image_add_file(image, &plan, name, NULL);
	add_seals(image, descriptor, seals);
	if (again)
		add_again(image, descriptor, descriptor->number);
	free(name);
}

static struct memory *find_memory(const struct process *process, dev_t device, ino_t inode)
{
	for (struct memory *memory = process->memories; memory; memory = memory->next)
		if (memory->descriptor.status.st_dev == device
		    && memory->descriptor.status.st_ino == inode)
			return memory;
	return NULL;
}

const char *add_memfd(struct descriptors *all, struct descriptor *descriptor)
{
	struct process *process = all->process;
	struct image *image = process->capture.image;
	struct memory *memory = find_memory(process, descriptor->status.st_dev,
					    descriptor->status.st_ino);
	int seals = fcntl(descriptor->fd, F_GET_SEALS);
	struct statfs system;

	if (memory) {
		add_again(image, descriptor, memory->descriptor.number);
		return NULL;
	}
	if (seals < 0 || fstatfs(descriptor->fd, &system) || system.f_type == HUGETLBFS)
		return "a memfd of huge pages";
	memory = xcalloc(1, sizeof(*memory));
	memory->descriptor = *descriptor;
	memory->map_kind = PLAN_FD_MAP;
	memory->next = process->memories;
	process->memories = memory;
	if (copy_data(memory, (uint64_t)descriptor->status.st_size, image->page_size))
		report_errno(process->report, READ, "cannot copy the memory of descriptor %d",
			     descriptor->number);
	add_plans(image, descriptor, (unsigned)seals,
		  (unsigned)fcntl(memory->copy, F_GETFL));
	return NULL;
}

void process_note_mapped(struct process *process, const struct descriptor *descriptor,
			 uint32_t kind)
{
	struct memory *memory = xcalloc(1, sizeof(*memory));

	memory->descriptor = *descriptor;
	memory->copy = -1;
	memory->map_kind = kind;
	memory->next = process->memories;
	process->memories = memory;
}

/* ---- Where it is mapped ----------------------------------------------------------------- */

static void note_mapping(struct memory *memory, struct range range, uint64_t offset)
{
	xgrow(memory->offsets, memory->mapped_count, memory->offset_room);
	xgrow(memory->mapped, memory->mapped_count, memory->mapped_room);
	memory->offsets[memory->mapped_count] = offset;
	memory->mapped[memory->mapped_count++] = range;
}

void process_find_mapped_memory(struct process *process)
{
	FILE *stream;
	unsigned long start, end, offset, inode;
	unsigned major_number, minor_number;
	struct memory *memory;
	char line[8192], shared;

	if (!process->memories || !process_is_readable(process))
		return;
	stream = process_open(process->handoff.fds.original, "maps");
	while (stream && fgets(line, sizeof(line), stream)) {
		if (sscanf(line, "%lx-%lx %*3c%c %lx %x:%x %lu", &start, &end, &shared, &offset,
			   &major_number, &minor_number, &inode) != 7 || shared != 's')
			continue;
		memory = find_memory(process, makedev(major_number, minor_number), inode);
		if (memory)
			note_mapping(memory, (struct range){ start, end }, offset);
	}
	if (!stream || !feof(stream) || ferror(stream))
		report_errno(process->report, NO_PROC, "cannot see where memfds are mapped");
	if (stream)
		fclose(stream);
}

bool process_is_mapped_memory(const struct process *process, uint64_t address)
{
	for (const struct memory *memory = process->memories; memory; memory = memory->next)
		for (size_t i = 0; i < memory->mapped_count; i++)
			if (address >= memory->mapped[i].start
			    && address < memory->mapped[i].end)
				return true;
	return false;
}

static void add_mappings(struct image *image, const struct memory *memory)
{
	struct plan_file plan = descriptor_plan(&memory->descriptor, memory->map_kind);

	for (size_t i = 0; i < memory->mapped_count; i++) {
		const struct region *region = image_find(image, memory->mapped[i].start);

		plan.offset = memory->offsets[i];
		plan.map.start = memory->mapped[i].start;
		plan.map.length = range_length(memory->mapped[i]);
		plan.map.prot = region ? region->prot : PROT_NONE;
		image_add_file(image, &plan, NULL, NULL);
	}
}

/* ---- Its place in the image ------------------------------------------------------------- */

static uint64_t find_room(const struct image *image, uint64_t length)
{
	uint64_t start = SEARCH_START;

	for (size_t i = 0; i < image->region_count; i++) {
		struct range used = image->regions[i].range;

		if (used.start >= start && used.start - start >= length + 2 * DISTANCE)
			break;
		if (used.end > start)
			start = used.end;
	}
	start += DISTANCE;
	return start + length <= ARCH_PLACE_END ? start : 0;
}

static void insert_region(struct image *image, struct range range)
{
	struct region added, *regions;
	size_t at;

	region_add_data(image_add_region(image, range, PROT_READ, 0, 0, REGION_MEMFD), range);
	regions = image->regions;
	added = regions[image->region_count - 1];
	for (at = image->region_count - 1; at > 0 && regions[at - 1].range.start > range.start;
	     at--)
		regions[at] = regions[at - 1];
	regions[at] = added;
}

static void place(struct process *process, struct memory *memory)
{
	struct image *image = process->capture.image;
	struct plan_file plan = descriptor_plan(&memory->descriptor, PLAN_FD_FILL);
	uint64_t page = image->page_size, start = find_room(image, memory->length);

	add_mappings(image, memory);
	if (!memory->length)
		return;
	if (!start) {
		report_error(process->report, NO_ROOM, "no free addresses for the content of "
			     "descriptor %d", memory->descriptor.number);
		return;
	}
	memory->range = (struct range){ start, start + memory->length };
	insert_region(image, memory->range);
	for (size_t i = 0; i < memory->data_count; i++) {
		plan.fill.source = start;
		plan.fill.length = range_length(memory->data[i]);
		plan.offset = memory->data[i].start;
		start += (plan.fill.length + page - 1) & -page;
		image_add_file(image, &plan, NULL, NULL);
	}
}

void process_place_memory(struct process *process)
{
	for (struct memory *memory = process->memories; memory; memory = memory->next)
		place(process, memory);
}

int process_read_memory(const struct process *process, uint64_t address, void *buffer,
			size_t length)
{
	for (const struct memory *memory = process->memories; memory; memory = memory->next)
		if (address >= memory->range.start && address < memory->range.end)
			return pread(memory->copy, buffer, length,
				     (off_t)(address - memory->range.start)) == (ssize_t)length
			       ? 1 : -1;
	return 0;
}

void process_free_memory(struct process *process)
{
	while (process->memories) {
		struct memory *memory = process->memories;

		process->memories = memory->next;
		if (memory->copy >= 0)
			close(memory->copy);
		free(memory->data);
		free(memory->mapped);
		free(memory->offsets);
		free(memory);
	}
}
