/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names for all parts of a dump. Section headers must cover each byte of each segment: tools
 * such as strip copy sections, and leave out of a segment what is in none.
 *
 *   segment   |-------------------- rw- --------------------|
 *   program      |--.data--|---.bss---|
 *   sections  |..|--.data--|---.bss---|.......heap..........|    .. = named after the region
 */
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "elf/elf_writer.h"

#include "image/xalloc.h"

/* What collects the sections of one layout. */
struct collector {
	struct sections *sections;
	const struct image *image;
	struct sections program; /* the program's own, sorted, as mapped */
	const struct segment *segment;
	size_t segment_first; /* index of the first section of the segment */
};

static void append(struct sections *sections, const char *name, struct range range,
		   uint64_t offset, uint32_t prot)
{
	xgrow(sections->list, sections->count, sections->room);
	sections->list[sections->count++] = (struct section){
		.name = xstrdup(name),
		.address = range.start,
		.offset = offset,
		.size = range_length(range),
		.prot = prot,
	};
}

void sections_insert(struct sections *sections, const char *name, struct range range,
		     uint64_t offset, uint32_t prot)
{
	struct section section;
	size_t i;

	append(sections, name, range, offset, prot);
	i = sections->count - 1;
	section = sections->list[i];
	for (; i > 0 && sections->list[i - 1].address > section.address; i--)
		sections->list[i] = sections->list[i - 1];
	sections->list[i] = section;
}

void sections_free(struct sections *sections)
{
	for (size_t i = 0; i < sections->count; i++)
		free(sections->list[i].name);
	free(sections->list);
	*sections = (struct sections){ 0 };
}

/* ---- The program's own ------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	const struct section *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

/* .tbss is only a number: its addresses are those of what follows. */
static bool is_mapped(const Elf64_Shdr *shdr)
{
	return shdr->sh_flags & SHF_ALLOC && shdr->sh_size > 0
	       && !(shdr->sh_flags & SHF_TLS && shdr->sh_type == SHT_NOBITS)
	       && shdr->sh_addr + shdr->sh_size > shdr->sh_addr;
}

static void collect_from(struct sections *sections, const struct mapped_file *file,
			 size_t names)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(file->elf, scn))) {
		const Elf64_Shdr *shdr = elf64_getshdr(scn);
		const char *name = NULL;
		struct range range;

		if (shdr && is_mapped(shdr))
			name = elf_strptr(file->elf, names, shdr->sh_name);
		if (!name)
			continue;
		range.start = shdr->sh_addr + file->bias;
		range.end = range.start + shdr->sh_size;
		append(sections, name, range, 0, 0);
	}
}

static void collect_program(struct sections *sections, const struct image *image)
{
	struct mapped_file file;
	size_t names;

	if (mapped_file_open(&file, image, image->program) != 0)
		return;
	if (elf_getshdrstrndx(file.elf, &names) == 0)
		collect_from(sections, &file, names);
	mapped_file_close(&file);
	if (sections->count)
		qsort(sections->list, sections->count, sizeof(*sections->list), by_address);
}

/* ---- All of them ------------------------------------------------------------------------ */

/* The name for what is not one of the program's sections; to be freed. */
static char *region_section_name(const struct region *region)
{
	static const struct {
		const char *region, *section;
	} special[] = {
		{ "[heap]", ".heap" },
		{ "[stack]", ".stack" },
		{ "[vdso]", ".bridge" },
	};
	const char *name = region ? region->name : "", *slash;
	const char deleted[] = " (deleted)";
	size_t length;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (strcmp(name, special[i].region) == 0)
			return xstrdup(special[i].section);
	slash = strrchr(name, '/');
	if (name[0] != '/' || slash[1] == '\0')
		return xstrdup(".anon");
	length = strlen(slash + 1);
	if (length > sizeof(deleted) - 1
	    && strcmp(slash + 1 + length - (sizeof(deleted) - 1), deleted) == 0)
		length -= sizeof(deleted) - 1;
	return xasprintf(".%.*s", (int)length, slash + 1);
}

/* May one of the program's sections be in it? Not in another file's, whatever was mapped
 * there when the program's file was written (it may be a dump). */
static bool may_be_program(const struct image *image, const struct region *region)
{
	return region && (region->name[0] != '/' || strcmp(region->name, image->program) == 0);
}

/* Adds a section for [range) of the segment, or makes the last one longer. */
static void add(struct collector *c, const char *name, struct range range)
{
	struct sections *sections = c->sections;
	struct section *last = sections->count ? &sections->list[sections->count - 1] : NULL;
	uint64_t offset = c->segment->offset + (range.start - c->segment->range.start);

	if (sections->count > c->segment_first && strcmp(last->name, name) == 0) {
		last->size += range_length(range);
		return;
	}
	append(sections, name, range, offset, c->segment->prot);
}

/* Covers a range of the segment that is of one region. */
static void cover_region(struct collector *c, const struct region *region, struct range range)
{
	char *filler = region_section_name(region);
	uint64_t at = range.start;
	bool in_place = c->segment->source == c->segment->range.start;

	for (size_t i = 0; in_place && may_be_program(c->image, region)
			   && i < c->program.count && at < range.end; i++) {
		const struct section *section = &c->program.list[i];
		uint64_t end = section->address + section->size;

		if (end <= at || section->address >= range.end)
			continue;
		if (section->address > at) {
			add(c, filler, (struct range){ at, section->address });
			at = section->address;
		}
		end = end < range.end ? end : range.end;
		add(c, section->name, (struct range){ at, end });
		at = end;
	}
	if (at < range.end)
		add(c, filler, (struct range){ at, range.end });
	free(filler);
}

static void cover_segment(struct collector *c)
{
	const struct segment *segment = c->segment;
	struct range range = segment->range;

	c->segment_first = c->sections->count;
	while (range.start < range.end) {
		uint64_t source = segment->source + (range.start - segment->range.start);
		const struct region *region = image_find(c->image, source);
		struct range part = range;

		if (region && region->range.end - source < range_length(part))
			part.end = part.start + (region->range.end - source);
		cover_region(c, region, part);
		range.start = part.end;
	}
}

void sections_collect(struct sections *sections, const struct image *image,
		      const struct layout *layout)
{
	struct collector collector = { .sections = sections, .image = image };

	*sections = (struct sections){ 0 };
	collect_program(&collector.program, image);
	for (size_t i = 0; i < layout->segment_count; i++) {
		collector.segment = &layout->segments[i];
		cover_segment(&collector);
	}
	sections_free(&collector.program);
}
