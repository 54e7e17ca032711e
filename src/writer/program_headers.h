/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program headers of a dump: a PT_LOAD for each segment of the layout, one for the
 * restarter's segment, and PT_GNU_STACK.
 */
#ifndef WRITER_PROGRAM_HEADERS_H
#define WRITER_PROGRAM_HEADERS_H

#include <gelf.h>

#include "arch_machine.h"
#include "base/report.h"
#include "layout/layout.h"

/* They follow the ELF header. */
#define PROGRAM_HEADERS_OFFSET UINT64_C(64)
_Static_assert(sizeof(ARCH_ELF(Ehdr)) == PROGRAM_HEADERS_OFFSET, "size of the ELF header");

struct program_headers {
	GElf_Phdr *list; /* to be freed */
	size_t count;
};

/* Makes the headers, also a second time. `restarter` is the range of the restarter's segment;
 * its size does not change the number of headers. Returns 0, or -1 with an error in the report
 * (SEGMENTS). */
int program_headers_make(struct program_headers *headers, const struct image *image,
			 const struct layout *layout, struct range restarter,
			 struct report *report);

#endif
