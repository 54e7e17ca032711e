/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first step of the layout: cuts regions into pieces, which have content, and operations
 * for the restarter, which have none. Only layout/ includes this.
 */
#ifndef LAYOUT_CUT_H
#define LAYOUT_CUT_H

#include "image/image.h"

/* The way that the content of a piece takes to its address. */
enum piece_kind {
	PIECE_PLACE, /* the kernel maps it there */
	PIECE_MOVE,  /* the kernel maps it in low memory; the restarter moves its pages */
	PIECE_COPY   /* the kernel maps it in low memory; the restarter copies its bytes */
};

struct piece {
	struct range range;
	enum piece_kind kind;
	uint32_t prot;   /* as the kernel maps it */
	uint64_t staged; /* address of its mapping unless PIECE_PLACE; set by the next step */
};

struct cut {
	struct piece *pieces; /* sorted by address; neighbours are joined if possible */
	size_t piece_count, piece_room;
	struct plan_op *ops;
	size_t op_count, op_room;
	size_t mapping_count; /* estimate of the process's mappings */
};

/* Cuts all regions. Runs of zeros shorter than `threshold` stay in the pieces. */
void cut_image(struct cut *cut, const struct image *image, uint64_t threshold);
void cut_clear(struct cut *cut);

void cut_add_op(struct cut *cut, const struct plan_op *op);

/* Sorts the operations by the order in which they must be done, then by address; joins adjacent
 * areas of zeros and adjacent locked areas. */
void cut_order_ops(struct cut *cut);

#endif
