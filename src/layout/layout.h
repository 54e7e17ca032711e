/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Computes the shape of a file from an image: the bytes that are segments, the addresses at
 * which the kernel maps them, and the operations that are left to the restarter. Pure: no
 * files, no process, no ELF. The same image gives the same layout.
 */
#ifndef LAYOUT_LAYOUT_H
#define LAYOUT_LAYOUT_H

#include "image/image.h"

struct report;

/* A run of bytes that the kernel maps at start. */
struct segment {
	struct range range;  /* at which the kernel maps it */
	uint64_t source;     /* address of the bytes in the process */
	uint64_t offset;     /* in the file; congruent to range.start modulo the page size */
	uint32_t prot;
};

struct layout {
	struct segment *segments; /* sorted by range.start, without the restarter's */
	size_t segment_count, segment_room;
	struct plan_op *ops; /* here, the source of PLAN_FILE is an index in image->regions */
	size_t op_count, op_room;

	uint64_t low_start;   /* staging starts here */
	uint64_t restarter;   /* of the restarter's segment: code, then the plan */
	uint64_t stack_floor, stack_need;
	uint64_t data_offset; /* in the file: start of the segments */
	uint64_t data_end;    /* in the file: page-aligned; the restarter's segment follows */
};

/* Returns NULL with an error in the report: SEGMENTS, NO_ROOM. */
struct layout *layout_compute(const struct image *image, struct report *report);
void layout_free(struct layout *layout);

/* Addresses from layout->restarter on that are kept free for code, plan and scratch memory. */
#define LAYOUT_RESTARTER_ROOM (UINT64_C(256) << 20)

/* Prints one segment or operation a line, for golden tests. */
void layout_print(const struct layout *layout, FILE *stream);

#endif
