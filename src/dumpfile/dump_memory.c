/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the memory that a dump contains, by the addresses that it has in the program. The kernel
 * maps many segments elsewhere at first, so program headers do not show these addresses. The same
 * image always has the same layout, so the layout is computed again.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "dumpfile/dump_memory.h"
#include "layout/layout.h"

struct dump_memory {
	int fd;
	struct segment *segments; /* sorted by source */
	size_t count;
};

static int by_source(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->source < y->source ? -1 : x->source > y->source;
}

/* strip and its like move segments within the file. */
static int find_in_file(Elf *elf, struct segment *segment)
{
	GElf_Phdr load;

	for (int i = 0; gelf_getphdr(elf, i, &load); i++) {
		uint64_t skip = segment->range.start - load.p_vaddr;

		if (load.p_type != PT_LOAD || segment->range.start < load.p_vaddr
		    || skip >= load.p_filesz || range_length(segment->range) > load.p_filesz - skip)
			continue;
		segment->offset = load.p_offset + skip;
		return 0;
	}
	return -1;
}

static int take_segments(struct dump_memory *memory, Elf *elf, const struct layout *layout)
{
	GElf_Ehdr header;
	int r = !gelf_getehdr(elf, &header) || header.e_entry != layout->restarter;

	memory->segments = xcalloc(layout->segment_count + 1, sizeof(*memory->segments));
	for (size_t i = 0; i < layout->segment_count && !r; i++) {
		memory->segments[i] = layout->segments[i];
		r = find_in_file(elf, &memory->segments[i]);
	}
	memory->count = layout->segment_count;
	if (memory->count)
		qsort(memory->segments, memory->count, sizeof(*memory->segments), by_source);
	return r ? -1 : 0;
}

struct dump_memory *dump_memory_open(int fd, const struct image *image, struct report *report)
{
	struct layout *layout = layout_compute(image, report);
	struct dump_memory *memory;
	Elf *elf;

	if (!layout)
		return NULL;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	memory = xcalloc(1, sizeof(*memory));
	memory->fd = fd;
	if (!elf || take_segments(memory, elf, layout)) {
		report_error(report, VERSION, "it is damaged, or another version of unexec made it");
		dump_memory_close(memory);
		memory = NULL;
	}
	elf_end(elf);
	layout_free(layout);
	return memory;
}

void dump_memory_close(struct dump_memory *memory)
{
	if (memory)
		free(memory->segments);
	free(memory);
}

/* The first segment that ends after the address. */
static size_t first_segment(const struct dump_memory *memory, uint64_t address)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct segment *segment = &memory->segments[middle];

		if (segment->source + range_length(segment->range) > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

int dump_memory_read(const struct dump_memory *memory, uint64_t address, void *buffer,
		     size_t length)
{
	const uint64_t end = address + length;

	memset(buffer, 0, length);
	for (size_t i = first_segment(memory, address);
	     i < memory->count && memory->segments[i].source < end; i++) {
		const struct segment *segment = &memory->segments[i];
		uint64_t start = segment->source > address ? segment->source : address;
		uint64_t last = segment->source + range_length(segment->range);

		last = last < end ? last : end;
		if (io_read_at(memory->fd, (char *)buffer + (start - address), last - start,
			       segment->offset + (start - segment->source)))
			return -1;
	}
	return 0;
}
