/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Free addresses: what the stack needs to grow, what staging and restarter may use. Only
 * layout/ includes this.
 */
#ifndef LAYOUT_LOW_H
#define LAYOUT_LOW_H

#include "image/image.h"

/* The main stack with what it may grow to under its limit; both 0 if there is none. */
struct range low_find_stack(const struct image *image);

/* The limit that the stack needs to go on from where it is; 0 where what it has is enough,
 * whatever the limit. */
uint64_t low_stack_need(const struct image *image);

/* `length` free bytes away from all regions and from `stack`; the first there are. 0 if
 * there are none. */
uint64_t low_find_room(const struct image *image, struct range stack, uint64_t length);

#endif
