/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the headers of a dump and the tables that only headers refer to: the ELF header,
 * program headers, section headers, symbols, names.
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
	uint64_t end; /* end of the segments in the file; unmapped sections follow */
	const struct program_headers *program;
	const struct sections *sections; /* of all segments */
	const struct elf_symbols *symbols;
};

/* Writes the headers. The segments may be in the file already or be written later. Returns 0,
 * or -1 with an error in the report (WRITE). */
int headers_write(const struct headers *headers, int fd, struct report *report);

#endif
