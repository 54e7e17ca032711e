/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first step of the layout: regions are cut into pieces, which have content, and
 * operations for the restarter, which have none. Only layout/ includes this.
 */
#ifndef LAYOUT_CUT_H
#define LAYOUT_CUT_H

#include "image/image.h"

/* How the content of a piece comes to its address. */
enum piece_kind {
	PIECE_PLACE, /* the kernel maps it there */
	PIECE_MOVE,  /* the kernel maps it in low memory, its pages are moved */
	PIECE_COPY   /* the kernel maps it in low memory, its bytes are copied */
};

struct piece {
	struct range range;
	enum piece_kind kind;
	uint32_t prot;   /* as the kernel maps it */
	uint64_t staged; /* where it is mapped, if not PIECE_PLACE; the next step's */
};

struct cut {
	struct piece *pieces; /* by address; neighbours that can be one are one */
	size_t piece_count, piece_room;
	struct plan_op *ops;
	size_t op_count, op_room;
	size_t mapping_count; /* about how many mappings the process will have */
};

/* Cuts. Runs of zeros that are shorter than `threshold` stay in the pieces. */
void cut_image(struct cut *cut, const struct image *image, uint64_t threshold);
void cut_clear(struct cut *cut);

void cut_add_op(struct cut *cut, const struct plan_op *op);

/* Puts the operations in the order in which they must be done, and by address in that;
 * joins areas of zeros that touch, and those that are locked. */
void cut_order_ops(struct cut *cut);

#endif
