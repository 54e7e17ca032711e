/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds functions and variables by their names.
 *
 *   elf_find_variables   of a process, in the symbol tables of the files that it has mapped
 *   elf_find_functions   of one file, in its symbol tables
 *   elf_visit_symbols    all that one file defines
 *   elf_find_exported    of one object in memory, in its hash table; no file is read
 */
#ifndef ELF_LOOKUP_H
#define ELF_LOOKUP_H

#include <gelf.h>

#include "capture/capture.h"

struct elf_variable {
	const char *name;  /* NULL ends a list */
	uint64_t *address; /* 0 until it is found; stays 0 if it does not exist */
};

/* Looks for the variables in the program, then in its libraries. All regions must be in the
 * image. */
void elf_find_variables(struct capture *capture, const struct elf_variable *wanted);

/* Returns the addresses in the file of all functions of that name, *ret_count of them; the
 * caller frees the array. Functions that the dynamic linker chooses at run time (ifunc) are
 * left out. */
uint64_t *elf_find_functions(Elf *elf, const char *name, size_t *ret_count);

/* Calls visit() for each symbol that the file defines, in .dynsym, by which the dynamic linker
 * finds symbols, and in .symtab, the only table of a static program. The name is valid until
 * elf_end(). */
typedef void elf_visit_symbol(void *context, const GElf_Sym *symbol, const char *name);
void elf_visit_symbols(Elf *elf, elf_visit_symbol *visit, void *context);

/* Returns the address of the function or variable of that name in the object whose ELF header
 * is at the start of the region. 0: no object begins there, or it does not export the name. */
uint64_t elf_find_exported(struct capture *capture, const struct region *region,
			   const char *name);

#endif
