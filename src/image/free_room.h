/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds free addresses for the regions that a dump adds to the process's own.
 */
#ifndef IMAGE_FREE_ROOM_H
#define IMAGE_FREE_ROOM_H

#include "image/image.h"

/* The conditions for an address. */
struct room {
	uint64_t length;
	struct range within; /* all bytes must lie in it */
	uint64_t distance;   /* free bytes to the neighbour regions, on both sides */
	bool highest;        /* return the highest such address, not the lowest */
	struct range avoid;  /* treated as a region; may be empty */
};

/* Returns the address of `room->length` free bytes, a multiple of the page size. 0: there is
 * none. */
uint64_t image_find_room(const struct image *image, const struct room *room);

#endif
