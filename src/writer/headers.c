/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the headers of a dump by libelf. The bytes of the segments do not pass through libelf:
 * stream.c writes them. Their sections have no Elf_Data here, and elf_update leaves the file
 * unchanged where such a section lies.
 */
#include <errno.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
static Elf64_Xword address_alignment(uint64_t address)
{
	uint64_t lowest = address & -address;

	return lowest && lowest < 64 ? lowest : 64;
}

/* Returns the ELF index of the section at the address; 0 for none. */
static Elf64_Word find_index(const struct work *work, uint64_t address)
{
	for (size_t i = 0; address && i < work->headers->sections->count; i++)
		if (work->headers->sections->list[i].address == address)
			return (Elf64_Word)(i + 1);
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
	Elf64_Shdr *shdr = scn ? elf64_getshdr(scn) : NULL;

	if (!shdr)
		return fail_libelf(work);
	shdr->sh_name = (Elf64_Word)strings_add_once(&work->section_names, section->name);
	shdr->sh_type = section->type;
	shdr->sh_flags = SHF_ALLOC | (section->prot & PROT_WRITE ? SHF_WRITE : 0)
			 | (section->prot & PROT_EXEC ? SHF_EXECINSTR : 0);
	shdr->sh_addr = section->address;
	shdr->sh_offset = section->offset;
	shdr->sh_size = section->size;
	shdr->sh_link = find_index(work, section->link);
	shdr->sh_info = section->info;
	shdr->sh_entsize = section->item_size;
	shdr->sh_addralign = address_alignment(section->address);
	return 0;
}

/* Adds a section after the segments; `bytes` must live until elf_update. Returns NULL on
 * error. */
static Elf64_Shdr *add_section(struct work *work, const char *name, Elf64_Word type,
			       const void *bytes, size_t size, uint64_t alignment)
{
	Elf_Scn *scn = new_section(work);
	Elf64_Shdr *shdr = scn ? elf64_getshdr(scn) : NULL;
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;

	if (!shdr || !data) {
		fail_libelf(work);
		return NULL;
	}
	data->d_buf = (void *)bytes;
	data->d_size = size;
	data->d_align = alignment;
	data->d_type = type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
	work->end = align_up(work->end, alignment);
	shdr->sh_name = (Elf64_Word)strings_add_once(&work->section_names, name);
	shdr->sh_type = type;
	shdr->sh_offset = work->end;
	shdr->sh_size = size;
	shdr->sh_addralign = alignment;
	work->end += size;
	return shdr;
}

static int add_symtab(struct work *work)
{
	const struct symtab *symtab = &work->symtab;
	Elf64_Shdr *shdr = add_section(work, ".symtab", SHT_SYMTAB, symtab->list,
				       symtab->count * sizeof(*symtab->list), 8);

	if (!shdr)
		return -1;
	shdr->sh_entsize = sizeof(*symtab->list);
	shdr->sh_info = (Elf64_Word)symtab->first_global;
	/* .strtab, the next section */
	shdr->sh_link = (Elf64_Word)(work->headers->sections->count + 2);
	shdr = add_section(work, ".strtab", SHT_STRTAB, symtab->names.bytes,
			   symtab->names.size, 1);
	return shdr ? 0 : -1;
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
	return add_section(work, ".shstrtab", SHT_STRTAB, work->section_names.bytes,
			   work->section_names.size, 1) ? 0 : -1;
}

/* ---- The file --------------------------------------------------------------------------- */

static int set_headers(struct work *work)
{
	const struct program_headers *program = work->headers->program;
	Elf64_Ehdr *ehdr = elf64_newehdr(work->elf);
	Elf64_Phdr *phdrs = ehdr ? elf64_newphdr(work->elf, program->count) : NULL;

	if (!phdrs)
		return fail_libelf(work);
	memcpy(phdrs, program->list, program->count * sizeof(*phdrs));
	ehdr->e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
									   : ELFDATA2MSB;
	ehdr->e_type = ET_EXEC;
	ehdr->e_machine = work->headers->machine;
	ehdr->e_version = EV_CURRENT;
	ehdr->e_entry = work->headers->entry;
	ehdr->e_phoff = PROGRAM_HEADERS_OFFSET;
	return 0;
}

static int update_file(struct work *work)
{
	Elf64_Ehdr *ehdr = elf64_getehdr(work->elf);

	if (!ehdr)
		return fail_libelf(work);
	/* .shstrtab, after the null section, .symtab and .strtab. sections_collect ensures that
	 * the number is less than SHN_LORESERVE. */
	ehdr->e_shstrndx = (Elf64_Half)(work->headers->sections->count + 3);
	ehdr->e_shoff = align_up(work->end, 8);
	elf_flagelf(work->elf, ELF_C_SET, ELF_F_LAYOUT);
	if (elf_update(work->elf, ELF_C_WRITE) < 0)
		return fail_libelf(work);
	return 0;
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
