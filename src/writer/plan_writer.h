/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the plan that the restarter executes.
 */
#ifndef WRITER_PLAN_WRITER_H
#define WRITER_PLAN_WRITER_H

#include "image/image.h"
#include "layout/layout.h"

/* The plan follows the code at this alignment. */
#define PLAN_ALIGN UINT64_C(16)

/* Returns the plan for an image and its layout, which the caller frees; *ret_size is its size,
 * as in the plan itself. `following` bytes come after it in the restarter's segment. NULL with an
 * error in the report: NO_ROOM. */
struct plan *plan_build(const struct image *image, const struct layout *layout, size_t following,
			size_t *ret_size, struct report *report);

#endif
