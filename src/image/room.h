/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Free addresses. Every region that a dump adds to the process's own gets its place here.
 */
#ifndef IMAGE_ROOM_H
#define IMAGE_ROOM_H

#include "image/image.h"

/* What is asked for. */
struct room {
	uint64_t length;
	struct range within; /* the bytes lie in it */
	uint64_t distance;   /* free bytes to the neighbour regions, on both sides */
	bool highest;        /* the highest such address, otherwise the lowest */
	struct range avoid;  /* no region, but treated as one; empty: none */
};

/* The address of `room->length` bytes, a multiple of the page size. 0: there are none. */
uint64_t image_find_room(const struct image *image, const struct room *room);

#endif
