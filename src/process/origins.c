/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Handles a dump that dumps itself. All its memory is mapped from one file, the dump. The image
 * in that file records what each part was originally, and the new dump records it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dumpfile/dump_text.h"
#include "base/xalloc.h"
#include "process/regions.h"

/* Reads the image from the file that the process was started from; NULL if there is none. */
static struct image *read_previous(struct process *process)
{
	int fd = openat(process->handoff.fds.proc, "exe", O_RDONLY | O_CLOEXEC);
	struct image *previous = NULL;
	char *text = NULL;
	size_t length;
	Elf *elf;

	if (fd < 0)
		return NULL;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf)
		text = dump_text_read(elf, &length);
	if (text)
		previous = image_parse(text, length, process->report);
	free(text);
	elf_end(elf);
	close(fd);
	return previous;
}

/* Adds the part of a region that lies in `range`, under its original name. */
static void add_origin_part(struct image *image, const struct region *region,
			    struct range range, uint64_t offset, const char *name)
{
	struct region *part = image_add_region(image, range, region->prot, region->flags, offset,
					       name);

	for (size_t i = 0; i < region->data_count; i++) {
		struct range data = region->data[i];

		if (data.start < range.start)
			data.start = range.start;
		if (data.end > range.end)
			data.end = range.end;
		if (data.start < data.end)
			region_add_data(part, data);
	}
}

/* Adds the region, split at the boundaries of the previous regions. */
static void add_origin_parts(struct image *image, const struct region *region,
			     const struct image *previous)
{
	uint64_t at = region->range.start;

	for (size_t i = 0; i < previous->region_count && at < region->range.end; i++) {
		const struct region *origin = &previous->regions[i];
		struct range part = origin->range;

		if (part.start < at)
			part.start = at;
		if (part.end > region->range.end)
			part.end = region->range.end;
		if (part.start >= part.end)
			continue;
		if (at < part.start)
			add_origin_part(image, region, (struct range){ at, part.start }, 0, "");
		if (origin->origin != ORIGIN_TRAMPOLINE) /* no thread runs in it any more */
			add_origin_part(image, region, part,
					origin->offset + (part.start - origin->range.start),
					origin->name);
		at = part.end;
	}
	if (at < region->range.end)
		add_origin_part(image, region, (struct range){ at, region->range.end }, 0, "");
}

void process_restore_origins(struct process *process)
{
	struct image *image = process->capture.image;
	struct image *previous, *named;
	struct region *regions = image->regions;
	size_t count = image->region_count, room = image->region_room;

	if (image->generation == 1) /* the library knows that the process is no dump */
		return;
	previous = read_previous(process);
	if (!image->generation)
		image->generation = previous ? previous->generation + 1 : 1;
	if (!previous)
		return; /* the file is stripped: all memory counts as the dump's */
	named = image_new();
	for (size_t i = 0; i < count; i++) {
		struct region *region = &regions[i];

		if (!strcmp(region->name, image->program))
			add_origin_parts(named, region, previous);
		else
			add_origin_part(named, region, region->range, region->offset,
					region->name);
	}
	image->regions = named->regions;
	image->region_count = named->region_count;
	image->region_room = named->region_room;
	named->regions = regions;
	named->region_count = count;
	named->region_room = room;
	if (!image->vdso.address) /* this kernel's vDSO differs */
		image->vdso = previous->vdso;
	if (!process->handoff.slots && previous->slot_count)
		process->handoff.slots = previous->slots[0].address;
	free(image->program);
	image->program = xstrdup(previous->program);
	image_free(named);
	image_free(previous);
}
