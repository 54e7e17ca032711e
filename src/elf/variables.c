/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variables of the program and its libraries, by the names in their files. All regions must be
 * in the image.
 */
#include <elf.h>
#include <libelf.h>
#include <string.h>

#include "elf/mapped_file.h"
#include "elf/variables.h"

static void look_in_table(const struct variable *wanted, const struct mapped_file *file,
			  Elf_Scn *section, const Elf64_Shdr *header)
{
	const Elf_Data *data = elf_getdata(section, NULL);
	const Elf64_Sym *symbols = data ? data->d_buf : NULL;
	size_t count = data ? data->d_size / sizeof(*symbols) : 0;

	for (size_t i = 0; symbols && i < count; i++) {
		const char *name;

		if (ELF64_ST_TYPE(symbols[i].st_info) != STT_OBJECT
		    || ELF64_ST_BIND(symbols[i].st_info) == STB_LOCAL
		    || symbols[i].st_shndx == SHN_UNDEF)
			continue;
		name = elf_strptr(file->elf, header->sh_link, symbols[i].st_name);
		for (const struct variable *want = wanted; name && want->name; want++)
			if (!*want->address && !strcmp(name, want->name))
				*want->address = symbols[i].st_value + file->bias;
	}
}

/* What the dynamic linker goes by; a static program only has the other. */
static void look_in_file(const struct variable *wanted, struct capture *capture,
			 const char *path)
{
	struct mapped_file file;

	if (mapped_file_open(&file, capture, path) != MAPPED_FILE_OPEN)
		return;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(file.elf, scn));) {
		const Elf64_Shdr *header = elf64_getshdr(scn);

		if (header && (header->sh_type == SHT_DYNSYM || header->sh_type == SHT_SYMTAB))
			look_in_table(wanted, &file, scn, header);
	}
	mapped_file_close(&file);
}

static bool is_later_part(const struct image *image, size_t index)
{
	return index && !strcmp(image->regions[index - 1].name, image->regions[index].name);
}

/* A variable of libc's is the program's where the program itself has a copy of it, so the
 * program comes first. */
void variables_find(struct capture *capture, const struct variable *wanted)
{
	const struct image *image = capture->image;

	look_in_file(wanted, capture, image->program);
	for (size_t i = 0; i < image->region_count; i++) {
		const char *name = image->regions[i].name;

		if (name[0] == '/' && !is_later_part(image, i)
		    && strcmp(name, image->program) != 0)
			look_in_file(wanted, capture, name);
	}
}
