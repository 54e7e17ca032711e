/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an image to the shape of a file: which bytes are segments and where they are
 * mapped, and what is left to the restarter. Pure: no files, no process, no ELF; the same
 * image gives the same layout.
 */
#ifndef LAYOUT_LAYOUT_H
#define LAYOUT_LAYOUT_H

#include "image/image.h"

struct report;

/* A run of bytes that the kernel maps at start. */
struct segment {
	struct range range;  /* where the kernel maps it */
	uint64_t source;     /* the address in the process that the bytes come from */
	uint64_t offset;     /* in the file; congruent to range.start by page */
	uint32_t prot;
};

struct layout {
	struct segment *segments; /* sorted by range.start, without the restarter's */
	size_t segment_count, segment_room;
	struct plan_op *ops; /* PLAN_FILE: source is an index in image->regions here */
	size_t op_count, op_room;

	uint64_t low_start;   /* staging starts here */
	uint64_t restarter;   /* where the restarter and, behind it, the plan are mapped */
	uint64_t stack_floor, stack_need;
	uint64_t data_offset; /* in the file: the first byte of segments */
	uint64_t data_end;    /* in the file: the first byte behind them; the restarter's segment
			         goes here, page-aligned */
};

/* Computes it. NULL with an error in the report: SEGMENTS, NO_ROOM. */
struct layout *layout_compute(const struct image *image, struct report *report);
void layout_free(struct layout *layout);

/* Room below the restarter's end that is kept free for it: code, plan, scratch. */
#define LAYOUT_RESTARTER_ROOM (UINT64_C(256) << 20)

/* For golden tests: one segment or op a line. */
void layout_print(const struct layout *layout, FILE *stream);

#endif
