/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the headers of a dump and what only they need: the ELF header, program headers, section
 * headers, symbols, names.
 */
#ifndef WRITER_HEADERS_H
#define WRITER_HEADERS_H

#include "elf/symbols.h"
#include "image/image.h"
#include "layout/layout.h"
#include "writer/program_headers.h"
#include "writer/sections.h"

struct headers {
	uint16_t machine;
	uint64_t entry;
	uint64_t end; /* of the segments, in the file: all that is not mapped follows */
	const struct program_headers *program;
	const struct sections *sections; /* of all segments */
	const struct elf_symbols *symbols;
};

/* Writes them around the segments, which are in the file or will be. Returns 0, or -1 with an
 * error in the report (WRITE). */
int headers_write(const struct headers *headers, int fd, struct report *report);

#endif
