/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds functions and variables by their names.
 */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "base/xalloc.h"
#include "elf/lookup.h"
#include "elf/file.h"
#include "shared/exports.h"

/* ---- In files ----------------------------------------------------------------------------- */

static void visit_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			elf_visit_symbol *visit, void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *name = NULL;

		if (symbol.st_shndx != SHN_UNDEF)
			name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name)
			visit(context, &symbol, name);
	}
}

void elf_visit_symbols(Elf *elf, elf_visit_symbol *visit, void *context)
{
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header)
		    && (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB))
			visit_table(elf, section, &header, visit, context);
	}
}

/* ---- Variables ---------------------------------------------------------------------------- */

struct variable_search {
	const struct elf_variable *wanted;
	uint64_t bias;
};

static void match_variables(void *context, const GElf_Sym *symbol, const char *name)
{
	const struct variable_search *search = context;

	if (GELF_ST_TYPE(symbol->st_info) != STT_OBJECT
	    || GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
		return;
	for (const struct elf_variable *want = search->wanted; want->name; want++)
		if (!*want->address && !strcmp(name, want->name))
			*want->address = symbol->st_value + search->bias;
}

static void find_variables_in_file(const struct elf_variable *wanted, struct capture *capture,
				   const char *path)
{
	struct variable_search search = { .wanted = wanted };
	struct elf_file file;

	if (elf_file_open(&file, capture, path) != ELF_FILE_OPEN)
		return;
	search.bias = file.bias;
	elf_visit_symbols(file.elf, match_variables, &search);
	elf_file_close(&file);
}

static bool is_later_part(const struct image *image, size_t index)
{
	return index && !strcmp(image->regions[index - 1].name, image->regions[index].name);
}

/* The program comes first: if it has a copy of a variable of a library, all use that copy. */
void elf_find_variables(struct capture *capture, const struct elf_variable *wanted)
{
	const struct image *image = capture->image;

	find_variables_in_file(wanted, capture, image->program);
	for (size_t i = 0; i < image->region_count; i++) {
		const char *name = image->regions[i].name;

		if (name[0] == '/' && !is_later_part(image, i)
		    && strcmp(name, image->program) != 0)
			find_variables_in_file(wanted, capture, name);
	}
}

/* ---- Functions ---------------------------------------------------------------------------- */

struct function_search {
	const char *name;
	uint64_t *values;
	size_t count, room;
};

/* Linkers append the version to names in .symtab ("fopen@GLIBC_2.2.5"). */
static bool is_named(const char *found, const char *wanted)
{
	size_t length = strlen(wanted);

	return !strncmp(found, wanted, length) && (!found[length] || found[length] == '@');
}

static void match_function(void *context, const GElf_Sym *symbol, const char *name)
{
	struct function_search *search = context;

	if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_ABS
	    || !is_named(name, search->name))
		return;
	xgrow(search->values, search->count, search->room);
	search->values[search->count++] = symbol->st_value;
}

uint64_t *elf_find_functions(Elf *elf, const char *name, size_t *ret_count)
{
	struct function_search search = { .name = name };

	elf_visit_symbols(elf, match_function, &search);
	*ret_count = search.count;
	return search.values;
}

/* ---- In memory ---------------------------------------------------------------------------- */

uint64_t elf_find_exported(struct capture *capture, const struct region *region,
			   const char *name)
{
	struct exports exports = { .read = capture_peek_at, .context = capture };

	if (!(region->prot & 1 /* read */) || region->flags & REGION_SHARED
	    || region_is_added(region)
	    || !exports_open(&exports, region->range.start, (uint16_t)capture->image->machine))
		return 0;
	return exports_find(&exports, name);
}
