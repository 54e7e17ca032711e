/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the headers of a dump by libelf. The bytes of the segments do not pass through libelf:
 * stream.c writes them. Their sections have no Elf_Data here, and elf_update leaves the file
 * unchanged where such a section lies.
 */
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arch_machine.h"
#include "base/report.h"
#include "writer/headers.h"
#include "writer/symtab.h"

struct work {
	const struct headers *headers;
	struct report *report;
	Elf *elf;
	struct symtab symtab;
	struct strings section_names;
	uint64_t end; /* of all parts placed in the file so far */
};

static int fail_libelf(struct work *work)
{
	report_add(work->report, UNEXEC_ERROR, UNEXEC_CODE_WRITE, errno, 0, 0,
		   "cannot write the ELF headers: %s", elf_errmsg(-1));
	return -1;
}

/* ---- Sections --------------------------------------------------------------------------- */

/* Returns the largest alignment that the address has, at most that of a vector. */
static uint64_t address_alignment(uint64_t address)
{
	uint64_t lowest = address & -address;

	return lowest && lowest < 64 ? lowest : 64;
}

/* Returns the ELF index of the section at the address; 0 for none. */
static GElf_Word find_index(const struct work *work, uint64_t address)
{
	for (size_t i = 0; address && i < work->headers->sections->count; i++)
		if (work->headers->sections->list[i].address == address)
			return (GElf_Word)(i + 1);
	return 0;
}

/* Returns NULL on error. When memory for the header runs out, elfutils' elf_newscn returns a
 * section without one, which must not be touched (0.188); only the error code shows that. */
static Elf_Scn *new_section(struct work *work)
{
	Elf_Scn *scn;

	elf_errno(); /* clears earlier errors */
	scn = elf_newscn(work->elf);
	return elf_errmsg(0) ? NULL : scn;
}

/* Adds a section of a segment, or one without bytes. The bytes do not pass through libelf. */
static int add_mapped_section(struct work *work, const struct section *section)
{
	Elf_Scn *scn = new_section(work);
	GElf_Shdr shdr = {
		.sh_name = (GElf_Word)strings_add_once(&work->section_names, section->name),
		.sh_type = section->type,
		.sh_flags = SHF_ALLOC | (section->prot & PROT_WRITE ? SHF_WRITE : 0)
			    | (section->prot & PROT_EXEC ? SHF_EXECINSTR : 0),
		.sh_addr = section->address,
		.sh_offset = section->offset,
		.sh_size = section->size,
		.sh_link = find_index(work, section->link),
		.sh_info = section->info,
		.sh_entsize = section->item_size,
		.sh_addralign = address_alignment(section->address),
	};

	return scn && gelf_update_shdr(scn, &shdr) ? 0 : fail_libelf(work);
}

/* Adds a section after the segments. `shdr` has its type, alignment and links; `bytes` must live
 * until elf_update. */
static int add_section(struct work *work, const char *name, GElf_Shdr *shdr, const void *bytes,
		       size_t size)
{
	Elf_Scn *scn = new_section(work);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;

	if (!data)
		return fail_libelf(work);
	data->d_buf = (void *)bytes;
	data->d_size = size;
	data->d_align = shdr->sh_addralign;
	data->d_type = shdr->sh_type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
	work->end = align_up(work->end, shdr->sh_addralign);
	shdr->sh_name = (GElf_Word)strings_add_once(&work->section_names, name);
	shdr->sh_offset = work->end;
	shdr->sh_size = size;
	work->end += size;
	return gelf_update_shdr(scn, shdr) ? 0 : fail_libelf(work);
}

static int add_strings(struct work *work, const char *name, const struct strings *strings)
{
	GElf_Shdr shdr = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };

	return add_section(work, name, &shdr, strings->bytes, strings->size);
}

static int add_symtab(struct work *work)
{
	const struct symtab *symtab = &work->symtab;
	GElf_Shdr shdr = {
		.sh_type = SHT_SYMTAB,
		.sh_addralign = 8,
		.sh_entsize = sizeof(*symtab->list),
		.sh_info = (GElf_Word)symtab->first_global,
		/* .strtab, the next section */
		.sh_link = (GElf_Word)(work->headers->sections->count + 2),
	};

	if (add_section(work, ".symtab", &shdr, symtab->list,
			symtab->count * sizeof(*symtab->list)) < 0)
		return -1;
	return add_strings(work, ".strtab", &symtab->names);
}

static int add_sections(struct work *work)
{
	const struct sections *sections = work->headers->sections;

	for (size_t i = 0; i < sections->count; i++)
		if (add_mapped_section(work, &sections->list[i]) < 0)
			return -1;
	symtab_build(&work->symtab, work->headers->symbols, sections);
	if (add_symtab(work) < 0)
		return -1;
	/* .shstrtab must contain its own name before it is added. */
	strings_add_once(&work->section_names, ".shstrtab");
	return add_strings(work, ".shstrtab", &work->section_names);
}

/* ---- The file --------------------------------------------------------------------------- */

static int set_program_headers(struct work *work)
{
	const struct program_headers *program = work->headers->program;

	if (!gelf_newphdr(work->elf, program->count))
		return fail_libelf(work);
	for (size_t i = 0; i < program->count; i++)
		if (!gelf_update_phdr(work->elf, (int)i, &program->list[i]))
			return fail_libelf(work);
	return 0;
}

static int set_headers(struct work *work)
{
	GElf_Ehdr ehdr;

	if (!gelf_newehdr(work->elf, ARCH_ELF_CLASS))
		return fail_libelf(work);
	if (set_program_headers(work) < 0)
		return -1;
	if (!gelf_getehdr(work->elf, &ehdr))
		return fail_libelf(work);
	ehdr.e_ident[EI_DATA] = ARCH_ELF_DATA;
	ehdr.e_type = ET_EXEC;
	ehdr.e_machine = work->headers->machine;
	ehdr.e_version = EV_CURRENT;
	ehdr.e_entry = work->headers->entry;
	ehdr.e_phoff = PROGRAM_HEADERS_OFFSET;
	return gelf_update_ehdr(work->elf, &ehdr) ? 0 : fail_libelf(work);
}

static int update_file(struct work *work)
{
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(work->elf, &ehdr))
		return fail_libelf(work);
	/* .shstrtab, after the null section, .symtab and .strtab. sections_collect ensures that
	 * the number is less than SHN_LORESERVE. */
	ehdr.e_shstrndx = (GElf_Half)(work->headers->sections->count + 3);
	ehdr.e_shoff = align_up(work->end, 8);
	if (!gelf_update_ehdr(work->elf, &ehdr))
		return fail_libelf(work);
	elf_flagelf(work->elf, ELF_C_SET, ELF_F_LAYOUT);
	return elf_update(work->elf, ELF_C_WRITE) < 0 ? fail_libelf(work) : 0;
}

int headers_write(const struct headers *headers, int fd, struct report *report)
{
	struct work work = { .headers = headers, .report = report, .end = headers->end };
	int r = -1;

	elf_version(EV_CURRENT);
	work.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!work.elf)
		return fail_libelf(&work);
	if (set_headers(&work) == 0 && add_sections(&work) == 0)
		r = update_file(&work);
	elf_end(work.elf);
	symtab_free(&work.symtab);
	free(work.section_names.bytes);
	return r;
}
