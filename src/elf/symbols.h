/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Symbols of the files that a process has mapped.
 */
#ifndef ELF_SYMBOLS_H
#define ELF_SYMBOLS_H

#include "capture/capture.h"

/* A symbol of the program or one of its libraries, at its run-time address. */
struct elf_symbol {
	char *name;
	uint64_t value, size;
	unsigned char info; /* st_info */
};

struct elf_symbols {
	struct elf_symbol *list; /* sorted by value; among equals the best name comes last */
	size_t count, room;
};

/* Collects the function and data symbols of all mapped files, from .symtab and .dynsym, each
 * name of an address once. A warning (SYMBOLS) names each file that is gone or has been
 * replaced. Never fails. */
void elf_symbols_collect(struct elf_symbols *symbols, struct capture *capture,
			 struct report *report);
void elf_symbols_free(struct elf_symbols *symbols);

#endif
