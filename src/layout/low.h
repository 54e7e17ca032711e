/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds free addresses for the stack to grow, for staging, and for the restarter. Only layout/
 * includes this.
 */
#ifndef LAYOUT_LOW_H
#define LAYOUT_LOW_H

#include "image/image.h"

/* Returns the main stack with the addresses to which it may grow under its limit; an empty
 * range at 0 if there is none. */
struct range low_find_stack(const struct image *image);

/* Returns the limit that the stack needs to go on from its present size; 0 if it need not
 * grow. */
uint64_t low_stack_need(const struct image *image);

/* Returns the lowest address of `length` free bytes at a distance from all regions and from
 * `stack`. 0 if there are none. */
uint64_t low_find_room(const struct image *image, struct range stack, uint64_t length);

#endif
