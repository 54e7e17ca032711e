/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbol table of a dump, and tables of strings.
 */
#ifndef WRITER_SYMTAB_H
#define WRITER_SYMTAB_H

#include <elf.h>

#include "arch_machine.h"
#include "elf/symbols.h"
#include "writer/sections.h"

/* A string table that grows. The first byte is NUL. */
struct strings {
	char *bytes;
	size_t size, room;
};

/* Adds the string and returns its offset. */
size_t strings_add(struct strings *strings, const char *string);
/* The same for a table with few different strings: each is in it once. */
size_t strings_add_once(struct strings *strings, const char *string);

struct symtab {
	ARCH_ELF(Sym) *list; /* the order that ELF requires: null symbol, local ones, others */
	size_t count;
	size_t first_global;
	struct strings names;
};

void symtab_build(struct symtab *symtab, const struct elf_symbols *symbols,
		  const struct sections *sections);
void symtab_free(struct symtab *symtab);

#endif
