/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section headers of a dump.
 */
#ifndef WRITER_SECTIONS_H
#define WRITER_SECTIONS_H

#include "capture/capture.h"
#include "layout/layout.h"

/* A section header to be: what part of the file is called. */
struct section {
	char *name;
	uint64_t address; /* where it is mapped at start */
	uint64_t offset;  /* in the file */
	uint64_t size;
	uint32_t prot;
	uint32_t type;      /* sh_type; SHT_NOBITS: nothing is mapped at the address at start */
	uint32_t info;      /* sh_info */
	uint64_t item_size; /* sh_entsize */
	uint64_t link;      /* address of the section that it needs to be understood; or 0 */
};

struct sections {
	struct section *list; /* sorted by address; cover each segment without a gap */
	size_t count, room;
};

/* The program's own sections by name at their run-time addresses, as its
 * file names them; everything else after the region it comes from (".heap", ".stack",
 * ".libc.so.6", …). Neighbours of one name are one section. There are so few that, with what
 * the caller adds, the number is less than SHN_LORESERVE: of many regions, neighbours of
 * different names become one. */
void sections_collect(struct sections *sections, struct capture *capture,
		      const struct layout *layout);
void sections_free(struct sections *sections);

/* Adds one where its address belongs; the name is copied. */
void sections_insert(struct sections *sections, const struct section *section);

#endif
