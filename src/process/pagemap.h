/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/pagemap: the pages of private memory that exist.
 */
#ifndef PROCESS_PAGEMAP_H
#define PROCESS_PAGEMAP_H

#include "image/image.h"

/* The bits of a page's word (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)
#define PAGE_OF_FILE (UINT64_C(1) << 61)
#define PAGE_GUARD (UINT64_C(1) << 58) /* since 6.15 */

/* Adds the pages of the range of private memory that have ever been written to the region as
 * data. 0, or -1 with errno. */
int pagemap_add_data(int pagemap, struct range range, uint32_t page_size,
		     struct region *region);
/* Adds the pages of the range that are guards (MADV_GUARD_INSTALL) as data. Kernels before 6.15 do
 * not report them. 0, or -1 with errno. */
int pagemap_find_guards(int pagemap, struct range range, uint32_t page_size,
			struct region *region);
/* The first page of the range that is the process's own (written to) and not the file's, or is
 * unknown; the end if there is none. */
uint64_t pagemap_next_own(int pagemap, struct range range, uint32_t page_size);

#endif
