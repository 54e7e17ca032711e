/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names for all parts of a dump. Section headers must cover each byte of each segment, because
 * tools such as strip copy sections and drop the bytes of segments that are in no section.
 *
 *   segment   |-------------------- rw- --------------------|
 *   program      |--.data--|---.bss---|
 *   sections  |..|--.data--|---.bss---|.......heap..........|    .. = named after the region
 *
 * Staged memory has sections at its staging address, and others without bytes at its
 * destination, for the symbols of libraries.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "elf/file.h"
#include "writer/sections.h"

#include "base/path.h"
#include "base/xalloc.h"

#ifndef SHT_RELR
#define SHT_RELR 19 /* glibc before 2.36 lacks it */
#endif

/* The collection of the sections of one layout. */
struct collector {
	struct sections *sections;
	const struct image *image;
	const struct layout *layout;
	struct sections program; /* the program's own, sorted, as mapped */
	const struct segment *segment;
};

/* Together with the sections that come later, at most one for each PT_LOAD among them, fewer
 * than SHN_LORESERVE. Beyond that, headers have another form, which some tools do not know. */
#define NAMED_MAX 60000
#define SECTIONS_MAX 62000

/* Makes a section from a name and a range alone. */
static struct section plain_section(const char *name, struct range range)
{
	return (struct section){
		.name = (char *)name,
		.address = range.start,
		.size = range_length(range),
		.type = SHT_PROGBITS,
	};
}

/* Copies the name. */
static void append_section(struct sections *sections, const struct section *section)
{
	xgrow(sections->list, sections->count, sections->room);
	sections->list[sections->count] = *section;
	sections->list[sections->count++].name = xstrdup(section->name);
}

void sections_insert(struct sections *sections, const struct section *section)
{
	struct section inserted;
	size_t i;

	append_section(sections, section);
	i = sections->count - 1;
	inserted = sections->list[i];
	for (; i > 0 && sections->list[i - 1].address > inserted.address; i--)
		sections->list[i] = sections->list[i - 1];
	sections->list[i] = inserted;
}

void sections_free(struct sections *sections)
{
	for (size_t i = 0; i < sections->count; i++)
		free(sections->list[i].name);
	free(sections->list);
	*sections = (struct sections){ 0 };
}

/* ---- The program's own ------------------------------------------------------------------ */

static int sections_by_address(const void *a, const void *b)
{
	const struct section *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

/* .tbss occupies no memory; its addresses are those of the sections that follow. */
static bool is_mapped(const GElf_Shdr *shdr)
{
	return shdr->sh_flags & SHF_ALLOC && shdr->sh_size > 0
	       && !(shdr->sh_flags & SHF_TLS && shdr->sh_type == SHT_NOBITS)
	       && shdr->sh_addr + shdr->sh_size > shdr->sh_addr;
}

/* Returns whether libraries are staged at start, so that the restarter must move them. */
static bool libraries_are_staged(const struct collector *c)
{
	for (size_t i = 0; i < c->layout->segment_count; i++) {
		const struct segment *segment = &c->layout->segments[i];
		const struct region *region = image_find(c->image, segment->source);

		if (segment->source != segment->range.start && region
		    && region->name[0] == '/')
			return true;
	}
	return false;
}

/* Some names would mislead tools.
 *   .note.gnu.build-id  perf would treat all dumps of a program and the program as one file
 *   .gnu.version        readelf looks for related tables through PT_DYNAMIC, which a dump lacks
 *   .dynamic, .interp   gdb finds the libraries by them, and reads the libraries' list in memory
 *                       that must exist at start
 *   .unexec…            belong to the dump that the process was started from */
static bool is_name_kept(const struct collector *c, const char *name)
{
	if (strcmp(name, ".dynamic") == 0 || strcmp(name, ".interp") == 0)
		return !libraries_are_staged(c);
	return strcmp(name, ".note.gnu.build-id") != 0 && strcmp(name, ".gnu.version") != 0
	       && strncmp(name, ".unexec", strlen(".unexec")) != 0;
}

/* A type is kept if strip would otherwise derive one from the name, without the fields that
 * belong to it, and if it is still true: .bss has bytes now, and notes describe the program's
 * file. */
static bool is_type_kept(uint32_t type)
{
	switch (type) {
	case SHT_DYNAMIC:
	case SHT_DYNSYM:
	case SHT_FINI_ARRAY:
	case SHT_GNU_HASH:
	case SHT_GNU_verdef:
	case SHT_GNU_verneed:
	case SHT_HASH:
	case SHT_INIT_ARRAY:
	case SHT_PREINIT_ARRAY:
	case SHT_REL:
	case SHT_RELA:
	case SHT_RELR:
	case SHT_STRTAB:
		return true;
	}
	return false;
}

static void set_type(struct section *section, const struct elf_file *file,
		     const GElf_Shdr *shdr)
{
	Elf_Scn *scn = shdr->sh_link ? elf_getscn(file->elf, shdr->sh_link) : NULL;
	GElf_Shdr link;

	if (!is_type_kept(shdr->sh_type))
		return;
	section->type = shdr->sh_type;
	section->item_size = shdr->sh_entsize;
	/* The sh_info of relocations is a section number, which linked code no longer needs. */
	if (shdr->sh_type != SHT_REL && shdr->sh_type != SHT_RELA)
		section->info = shdr->sh_info;
	if (scn && gelf_getshdr(scn, &link) && link.sh_flags & SHF_ALLOC)
		section->link = link.sh_addr + file->bias;
}

static void collect_from(struct collector *c, const struct elf_file *file, size_t names)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(file->elf, scn))) {
		GElf_Shdr shdr;
		const char *name = NULL;
		struct section section;
		struct range range;

		if (gelf_getshdr(scn, &shdr) && is_mapped(&shdr))
			name = elf_strptr(file->elf, names, shdr.sh_name);
		if (!name || !is_name_kept(c, name))
			continue;
		range.start = shdr.sh_addr + file->bias;
		range.end = range.start + shdr.sh_size;
		section = plain_section(name, range);
		set_type(&section, file, &shdr);
		append_section(&c->program, &section);
	}
}

static void collect_program(struct collector *c, struct capture *capture)
{
	struct elf_file file;
	size_t names;

	if (elf_file_open(&file, capture, c->image->program) != ELF_FILE_OPEN)
		return;
	if (elf_getshdrstrndx(file.elf, &names) == 0)
		collect_from(c, &file, names);
	elf_file_close(&file);
	if (c->program.count)
		qsort(c->program.list, c->program.count, sizeof(*c->program.list),
		      sections_by_address);
}

/* ---- All of them ------------------------------------------------------------------------ */

/* Returns the name for memory in none of the program's sections; the caller frees it. */
static char *region_section_name(const struct region *region)
{
	static const char *const special[] = {
		[ORIGIN_HEAP] = ".heap",
		[ORIGIN_STACK] = ".stack",
		[ORIGIN_VDSO] = ".vdso_proxy",
	};
	const char *name = region ? region->name : "", *slash;

	if (region && region->origin <= ORIGIN_VDSO && special[region->origin])
		return xstrdup(special[region->origin]);
	slash = strrchr(name, '/');
	if (name[0] != '/' || slash[1] == '\0')
		return xstrdup(".anon");
	return xasprintf(".%.*s", (int)path_length(slash + 1), slash + 1);
}

/* Returns whether the program's sections may be in the region. They are in no region of another
 * file, even if the program's file (it may be a dump) has a section at those addresses. */
static bool may_be_program(const struct image *image, const struct region *region)
{
	return region && (region->name[0] != '/' || strcmp(region->name, image->program) == 0);
}

/* Returns whether the section continues the last one in memory and in the file, with the same
 * name. A dump may have more regions than a file can have sections; then names may differ. */
static bool continues(const struct collector *c, const struct section *last,
		      const struct section *section)
{
	return last->address + last->size == section->address
	       && last->offset + last->size == section->offset && last->prot == section->prot
	       && (strcmp(last->name, section->name) == 0 || c->sections->count > NAMED_MAX);
}

/* Adds a section of the segment, or extends the last one. */
static void add_to_segment(struct collector *c, struct section section)
{
	struct sections *sections = c->sections;
	struct section *last = sections->count ? &sections->list[sections->count - 1] : NULL;

	section.offset = c->segment->offset + (section.address - c->segment->range.start);
	section.prot = c->segment->prot;
	if (last && continues(c, last, &section)) {
		last->size += section.size;
		return;
	}
	append_section(sections, &section);
}

static void add_plain(struct collector *c, const char *name, uint64_t start, uint64_t end)
{
	if (start < end)
		add_to_segment(c, plain_section(name, (struct range){ start, end }));
}

/* Adds the part of a program's section in [at, limit), after a filler. Tables are added as a
 * whole or not at all. Returns the end of that part, or `at` if none is added. */
static uint64_t add_program(struct collector *c, const struct section *section,
			    const char *filler, uint64_t at, uint64_t limit)
{
	uint64_t start = section->address, end = start + section->size;
	bool whole = start >= at && end <= limit;

	if (end <= at || start >= limit || (section->type != SHT_PROGBITS && !whole))
		return at;
	add_plain(c, filler, at, start);
	if (whole) {
		add_to_segment(c, *section);
		return end;
	}
	start = start > at ? start : at;
	end = end < limit ? end : limit;
	add_plain(c, section->name, start, end);
	return end;
}

/* Covers a range of the segment that lies in one region. */
static void cover_region(struct collector *c, const struct region *region, struct range range)
{
	char *filler = region_section_name(region);
	uint64_t at = range.start;
	bool in_place = c->segment->source == c->segment->range.start;

	for (size_t i = 0; in_place && may_be_program(c->image, region)
			   && i < c->program.count; i++)
		at = add_program(c, &c->program.list[i], filler, at, range.end);
	add_plain(c, filler, at, range.end);
	free(filler);
}

static void cover_segment(struct collector *c)
{
	const struct segment *segment = c->segment;
	struct range range = segment->range;

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

/* Adds sections at the destinations of files in a staged segment. No other staged memory has
 * symbols. */
static void add_destinations(struct collector *c)
{
	const struct segment *segment = c->segment;
	uint64_t start = segment->source, end = start + range_length(segment->range);
	const struct region *region = image_find(c->image, start);
	const struct region *last = c->image->regions + c->image->region_count;

	if (start == segment->range.start)
		return;
	for (; region && region < last && region->range.start < end; region++) {
		struct range part = region->range;
		struct section section;

		if (region->name[0] != '/' || c->sections->count > SECTIONS_MAX)
			continue;
		part.start = part.start > start ? part.start : start;
		part.end = part.end < end ? part.end : end;
		section = plain_section(region_section_name(region), part);
		section.type = SHT_NOBITS;
		section.offset = segment->offset + (part.start - start);
		section.prot = segment->prot;
		sections_insert(c->sections, &section);
		free(section.name);
	}
}

void sections_collect(struct sections *sections, struct capture *capture,
		      const struct layout *layout)
{
	struct collector collector = {
		.sections = sections,
		.image = capture->image,
		.layout = layout,
	};
	struct collector *c = &collector;

	*sections = (struct sections){ 0 };
	collect_program(c, capture);
	for (size_t i = 0; i < layout->segment_count; i++) {
		c->segment = &layout->segments[i];
		cover_segment(c);
	}
	for (size_t i = 0; i < layout->segment_count; i++) {
		c->segment = &layout->segments[i];
		add_destinations(c);
	}
	sections_free(&c->program);
}
