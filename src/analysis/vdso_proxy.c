/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vDSO proxy. libc, ld.so, runtimes and C++ unwinders keep pointers into the vDSO of the
 * old process; the new process has another vDSO, elsewhere. So the dump keeps the old vDSO's bytes
 * as plain memory, and the entry of each function becomes a jump through a slot:
 *
 *     a page of its own below            the old vDSO, r-x
 *    ┌──────────────────────┐   ┌──────────────────────────────────────────┐
 *    │ slot 0  slot 1  …    │◄──│ clock_gettime: jump slot 0; system call  │
 *    └──────────────────────┘   └──────────────────────────────────────────┘
 *
 * In the file, a slot points to the system call after the jump; the restarter sets it to the
 * function of that name in the new vDSO. On a kernel of the same build, the restarter moves the new
 * vDSO, which has the same bytes, to the place of the proxy, so that unwinding from inside it works,
 * too. The vDSO's data then takes the place of the old data, so nothing else may be there.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "arch_vdso.h"
#include "base/xalloc.h"
#include "capture/capture.h"
#include "elf/notes.h"
#include "image/free_room.h"

struct function {
	uint64_t address;
	const char *name;
};

struct vdso {
	unsigned char *bytes;
	uint64_t address, length;
	struct function *functions; /* sorted by address, one for each */
	size_t count;
};

/* A part of the vDSO's bytes; NULL if it is not complete or not aligned, since a core may have any
 * bytes there. */
static const void *part(const struct vdso *vdso, uint64_t offset, uint64_t length,
			uint64_t alignment)
{
	if (offset > vdso->length || length > vdso->length - offset || offset % alignment)
		return NULL;
	return vdso->bytes + offset;
}

/* A table of strings that ends with a NUL; else NULL. */
static const char *string_table(const struct vdso *vdso, const Elf64_Shdr *section)
{
	uint64_t start = section->sh_offset, length = section->sh_size;

	if (start > vdso->length || length > vdso->length - start || !length
	    || vdso->bytes[start + length - 1])
		return NULL;
	return (const char *)vdso->bytes + start;
}

static int compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* "__vdso_time" before "time" */
	return strcmp(x->name, y->name);
}

/* Finds the dynamic symbols by the section headers, which the vDSO has in memory. */
static void find_functions(struct vdso *vdso)
{
	const Elf64_Ehdr *header = part(vdso, 0, sizeof(*header), 8);
	const Elf64_Shdr *sections, *section;
	const Elf64_Sym *symbols;
	const char *strings;
	size_t unique = 0;

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG))
		return;
	sections = part(vdso, header->e_shoff, sizeof(*sections) * header->e_shnum, 8);
	for (section = sections; section && section < sections + header->e_shnum; section++)
		if (section->sh_type == SHT_DYNSYM)
			break;
	if (!section || section == sections + header->e_shnum
	    || section->sh_link >= header->e_shnum)
		return;
	symbols = part(vdso, section->sh_offset, section->sh_size, 8);
	strings = string_table(vdso, &sections[section->sh_link]);
	if (!symbols || !strings)
		return;
	vdso->functions = xcalloc(section->sh_size / sizeof(*symbols) + 1,
				  sizeof(*vdso->functions));
	for (size_t i = 0; i < section->sh_size / sizeof(*symbols); i++)
		if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC && symbols[i].st_shndx
		    && symbols[i].st_value < vdso->length
		    && symbols[i].st_name < sections[section->sh_link].sh_size)
			vdso->functions[vdso->count++] = (struct function){
				vdso->address + symbols[i].st_value,
				strings + symbols[i].st_name };
	qsort(vdso->functions, vdso->count, sizeof(*vdso->functions), compare);
	for (size_t i = 0; i < vdso->count; i++)
		if (!unique || vdso->functions[unique - 1].address != vdso->functions[i].address)
			vdso->functions[unique++] = vdso->functions[i];
	vdso->count = unique;
}

/* A free page below the vDSO, usually at the place of its data; 0 if there is none near. */
static uint64_t find_slots_room(const struct image *image, uint64_t below)
{
	uint64_t reach = below > ARCH_VDSO_PROXY_REACH ? ARCH_VDSO_PROXY_REACH : below;

	return image_find_room(image, &(struct room){ .length = image->page_size,
						      .within = { below - reach, below },
						      .highest = true });
}

/* The build-id identifies the build of the kernel. */
static void read_vdso_build_id(const struct vdso *vdso, uint64_t build[4])
{
	const Elf64_Ehdr *header = part(vdso, 0, sizeof(*header), 8);
	const Elf64_Phdr *segment;
	struct elf_build_id id;

	segment = part(vdso, header->e_phoff, sizeof(*segment) * header->e_phnum, 8);
	for (int i = 0; segment && i < header->e_phnum; i++, segment++) {
		const void *notes = part(vdso, segment->p_offset, segment->p_filesz, 1);

		if (segment->p_type == PT_NOTE && notes
		    && elf_build_id_find(notes, segment->p_filesz, &id)
		    && id.size <= 4 * sizeof(*build))
			memcpy(build, id.bytes, id.size);
	}
}

/* True if the build of the old vDSO is known and the place of its data is free. */
static bool may_be_replaced(const struct image *image)
{
	const struct plan_vdso *vdso = &image->vdso;
	const struct range data = { vdso->start, vdso->address };

	return vdso->build[0] && image_is_free(image, data);
}

static void patch(struct image *image, const struct vdso *vdso, uint64_t slots,
		  struct report *report)
{
	uint64_t *words = xcalloc(1, image->page_size);
	size_t used = 0;

	for (size_t i = 0; i < vdso->count && (used + 1) * 8 <= image->page_size; i++) {
		const struct function *function = &vdso->functions[i];
		uint64_t end = i + 1 < vdso->count ? function[1].address
						   : vdso->address + vdso->length;
		uint64_t slot = slots + used * 8;
		unsigned char code[64];
		size_t length = arch_vdso_proxy_code(code, end - function->address,
						 function->address, slot, function->name,
						 &words[used]);

		if (!length) {
			report_error(report, MAPPING,
				     "the vDSO's function %s is too short for a jump",
				     function->name);
			continue;
		}
		image_add_patch(image, function->address, code, length);
		image_add_slot(image, slot, function->name);
		used++;
	}
	image_add_patch(image, slots, words, image->page_size);
	free(words);
}

void analysis_make_vdso_proxy(struct capture *capture, uint64_t address, uint64_t slots,
			  struct report *report)
{
	struct image *image = capture->image;
	const struct region *region = image_find(image, address);
	struct vdso vdso = { 0 };

	if (!address || !region)
		return; /* the process has no vDSO */
	vdso.address = region->range.start;
	vdso.length = range_length(region->range);
	vdso.bytes = xcalloc(1, vdso.length);
	if (capture->read(capture, vdso.address, vdso.bytes, vdso.length))
		report_errno(report, READ, "cannot read the vDSO");
	else
		find_functions(&vdso);
	if (vdso.count)
		read_vdso_build_id(&vdso, image->vdso.build);
	if (!may_be_replaced(image))
		image->vdso = (struct plan_vdso){ 0 };
	if (vdso.count && !slots) {
		slots = find_slots_room(image, image->vdso.address ? image->vdso.start
								   : vdso.address);
		if (slots)
			image_insert_region(image,
					    (struct range){ slots, slots + image->page_size },
					    3 /* read, write */, ORIGIN_VDSO_PROXY);
		else
			report_error(report, NO_ROOM, "no free page near the vDSO");
	}
	if (vdso.count && slots)
		patch(image, &vdso, slots, report);
	free(vdso.functions);
	free(vdso.bytes);
}
