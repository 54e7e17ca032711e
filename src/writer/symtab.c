/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbol table of a dump, and tables of strings.
 */
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "writer/symtab.h"

size_t strings_add(struct strings *strings, const char *string)
{
	size_t start, size = strlen(string) + 1;

	if (strings->size == 0)
		strings->size = 1;
	start = strings->size;
	if (start + size > strings->room) {
		strings->room = 2 * (start + size);
		strings->bytes = xrealloc(strings->bytes, strings->room);
		strings->bytes[0] = '\0';
	}
	memcpy(strings->bytes + start, string, size);
	strings->size = start + size;
	return start;
}

size_t strings_add_once(struct strings *strings, const char *string)
{
	for (size_t i = 1; i < strings->size; i += strlen(strings->bytes + i) + 1)
		if (strcmp(strings->bytes + i, string) == 0)
			return i;
	return strings_add(strings, string);
}

/* Returns the ELF index of the section that contains the symbol. Sections and symbols are both
 * sorted; *cursor moves through the sections. */
static uint16_t section_of(const struct sections *sections, uint64_t value, size_t *cursor)
{
	while (*cursor < sections->count
	       && sections->list[*cursor].address + sections->list[*cursor].size <= value)
		(*cursor)++;
	if (*cursor < sections->count && sections->list[*cursor].address <= value)
		return (uint16_t)(*cursor + 1);
	return SHN_ABS;
}

/* Appends the symbols that are local, or those that are not. */
static void append_symbols(struct symtab *symtab, const struct elf_symbols *symbols,
			   const struct sections *sections, bool local)
{
	size_t cursor = 0;

	for (size_t i = 0; i < symbols->count; i++) {
		const struct elf_symbol *symbol = &symbols->list[i];

		if ((GELF_ST_BIND(symbol->info) == STB_LOCAL) != local)
			continue;
		symtab->list[symtab->count++] = (ARCH_ELF(Sym)){
			.st_name = (uint32_t)strings_add(&symtab->names, symbol->name),
			.st_info = symbol->info,
			.st_shndx = section_of(sections, symbol->value, &cursor),
			.st_value = symbol->value,
			.st_size = symbol->size,
		};
	}
}

void symtab_build(struct symtab *symtab, const struct elf_symbols *symbols,
		  const struct sections *sections)
{
	*symtab = (struct symtab){ .count = 1 };
	symtab->list = xcalloc(symbols->count + 1, sizeof(*symtab->list));
	strings_add_once(&symtab->names, "");
	append_symbols(symtab, symbols, sections, true);
	symtab->first_global = symtab->count;
	append_symbols(symtab, symbols, sections, false);
}

void symtab_free(struct symtab *symtab)
{
	free(symtab->list);
	free(symtab->names.bytes);
}
