/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section headers of a dump.
 */
#ifndef WRITER_SECTIONS_H
#define WRITER_SECTIONS_H

#include "capture/capture.h"
#include "layout/layout.h"

/* A section header in the making: the name of a part of the file. */
struct section {
	char *name;
	uint64_t address; /* at start */
	uint64_t offset;  /* in the file */
	uint64_t size;
	uint32_t prot;
	uint32_t type;      /* sh_type; SHT_NOBITS: nothing is mapped at the address at start */
	uint32_t info;      /* sh_info */
	uint64_t item_size; /* sh_entsize */
	uint64_t link;      /* address of the section that sh_link refers to, or 0 */
};

struct sections {
	struct section *list; /* sorted by address; cover each segment without a gap */
	size_t count, room;
};

/* Collects sections for all segments: the program's own sections, as its file names them, at
 * their run-time addresses, and the rest by the name of its region (".heap", ".stack",
 * ".libc.so.6", …). Neighbours of one name are one section. If there are very many regions,
 * neighbours of different names are joined, so that the number, with those that the caller
 * adds, is less than SHN_LORESERVE. */
void sections_collect(struct sections *sections, struct capture *capture,
		      const struct layout *layout);
void sections_free(struct sections *sections);

/* Inserts a section by its address; copies the name. */
void sections_insert(struct sections *sections, const struct section *section);

#endif
