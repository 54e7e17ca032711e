/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program headers of a dump.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "elf/flags.h"
#include "writer/program_headers.h"

/* Adds a PT_LOAD, or extends the last one if it continues that in memory and in the file. */
static void add_load(struct program_headers *headers, struct range range, uint64_t offset,
		     uint32_t prot, uint64_t page_size)
{
	GElf_Phdr *last = headers->count ? &headers->list[headers->count - 1] : NULL;

	if (last && last->p_vaddr + last->p_memsz == range.start
	    && last->p_offset + last->p_filesz == offset
	    && last->p_flags == elf_flags_of(prot)) {
		last->p_memsz += range_length(range);
		last->p_filesz = last->p_memsz;
		return;
	}
	headers->list[headers->count++] = (GElf_Phdr){
		.p_type = PT_LOAD,
		.p_flags = elf_flags_of(prot),
		.p_offset = offset,
		.p_vaddr = range.start,
		.p_paddr = range.start,
		.p_filesz = range_length(range),
		.p_memsz = range_length(range),
		.p_align = page_size,
	};
}

/* Segments and the restarter are sorted by address. */
static void add_loads(struct program_headers *headers, const struct layout *layout,
		      struct range restarter, uint64_t page_size)
{
	const struct segment *segment = layout->segments;
	const struct segment *end = segment + layout->segment_count;

	for (; segment < end && segment->range.start < restarter.start; segment++)
		add_load(headers, segment->range, segment->offset, segment->prot, page_size);
	add_load(headers, restarter, layout->data_end, PROT_READ | PROT_EXEC, page_size);
	for (; segment < end; segment++)
		add_load(headers, segment->range, segment->offset, segment->prot, page_size);
	headers->list[headers->count++] = (GElf_Phdr){
		.p_type = PT_GNU_STACK,
		.p_flags = PF_R | PF_W,
		.p_align = 16,
	};
}

int program_headers_make(struct program_headers *headers, const struct image *image,
			 const struct layout *layout, struct range restarter,
			 struct report *report)
{
	free(headers->list);
	headers->list = xcalloc(layout->segment_count + 2, sizeof(*headers->list));
	headers->count = 0;
	add_loads(headers, layout, restarter, image->page_size);
	if (PROGRAM_HEADERS_OFFSET + headers->count * sizeof(*headers->list)
	    <= layout->data_offset)
		return 0;
	report_error(report, SEGMENTS, "no room for %zu program headers", headers->count);
	return -1;
}
