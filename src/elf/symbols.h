/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbols of the files that a process has mapped.
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
	struct elf_symbol *list; /* sorted by value; of one value, the best name last */
	size_t count, room;
};

/* All function and data symbols of the files
 * mapped in the image, .symtab and .dynsym, each name of an address once. A file that is
 * gone or has been replaced is named in a warning (SYMBOLS). Never fails. */
void elf_symbols_collect(struct elf_symbols *symbols, struct capture *capture,
			 struct report *report);
void elf_symbols_free(struct elf_symbols *symbols);

#endif
