/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The states of getrandom() in the vDSO (Linux 6.11, glibc 2.41), one for each thread. They are
 * in memory that the kernel may drop at any time (MAP_DROPPABLE); debuggers leave it out of
 * their cores. A thread's control block has the address of the thread's state. A dropped state
 * reads as zeros, and the vDSO then draws a new one.
 */
#include "libc/libc.h"
#include "sources/core/core.h"

#define PROT 3 /* read, write */

/* Returns whether the kernel could have returned this address. A word that points to unmapped
 * memory is likely such a state. */
static bool may_be_state(const struct core *core, uint64_t address)
{
	return address % sizeof(uint64_t) == 0 && address >= core->capture.image->mm.brk
	       && address < core->capture.image->mm.start_stack;
}

static void add_page(struct image *image, struct range page)
{
	struct region *region;

	if (!image_is_free(image, page))
		return;
	image_insert_region(image, page, PROT, ORIGIN_ANONYMOUS);
	region = (struct region *)image_find(image, page.start);
	region->data_count = 0;
}

void core_add_random_states(struct core *core, uint64_t block)
{
	struct image *image = core->capture.image;
	uint64_t words[LIBC_BLOCK_WORDS];
	uint64_t size = image->page_size;

	if (!core->notes.by_debugger)
		return; /* the kernel lists all mappings, with or without content */
	libc_read_block(&core->capture, block, words);
	for (size_t i = 0; i < LIBC_BLOCK_WORDS; i++) {
		uint64_t start = words[i] / size * size;

		if (may_be_state(core, words[i]))
			add_page(image, (struct range){ start, start + size });
	}
}
