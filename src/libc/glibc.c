/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glibc: the control block of a thread (struct pthread), and all answers in one table.
 */
#include "arch_machine.h"
#include "arch_tls.h"
#include "elf/lookup.h"
#include "libc/glibc.h"

/* glibc describes the block to debuggers: size in bits, count and offset of the word (nptl_db,
 * structs.def; 2.31 to 2.43). */
static bool glibc_tid_offset(struct capture *capture, uint64_t *ret_offset)
{
	const struct image *image = capture->image;
	uint32_t words[3];

	for (size_t i = 0; i < image->region_count; i++) {
		uint64_t address = elf_find_exported(capture, &image->regions[i],
						   "_thread_db_pthread_tid");

		if (!address || capture_peek(capture, address, words, sizeof(words))
		    || words[0] != 32 || words[1] != 1)
			continue;
		*ret_offset = words[2];
		return true;
	}
	return false;
}

/* The part of the block that is searched for the stack: the block has 2304 bytes in 2.36, and
 * the stack is not among the first. */
#define BLOCK_START 0x200
#define BLOCK_END 0x900
/* Between the block and the end of the stack is no more than what fills the last page. */
#define AFTER_BLOCK (2 * ARCH_PAGE_MIN)

/* The block has the stack's address and size side by side (stackblock, stackblock_size;
 * nptl/descr.h), and lies at the end of that stack. No other two words of it can describe a
 * range from below the stack pointer to just after the block. */
static struct range glibc_thread_stack(struct capture *capture, uint64_t thread_pointer,
				       uint64_t pointer)
{
	const uint64_t block = arch_control_block(thread_pointer);
	uint64_t words[(BLOCK_END - BLOCK_START) / sizeof(uint64_t)];
	struct range found = { 0, 0 };

	if (!block || block < pointer
	    || capture_peek(capture, block + BLOCK_START, words, sizeof(words)))
		return found;
	for (size_t i = 0; i + 1 < sizeof(words) / sizeof(*words); i++) {
		struct range range = { words[i], words[i] + words[i + 1] };

		if (range.start > pointer || range.end <= block
		    || range.end - block > AFTER_BLOCK)
			continue;
		if (found.end)
			return (struct range){ 0, 0 };
		found = range;
	}
	return found;
}

const struct libc_backend libc_glibc = {
	.name = "glibc",
	.tid_offset = glibc_tid_offset,
	.robust_distance = -32,
	.find_rseq = glibc_find_rseq,
	.begins_or_ends = glibc_begins_or_ends,
	.thread_stack = glibc_thread_stack,
	.canary_zero_byte = 0, /* sysdeps/generic/dl-osinfo.h */
	.is_lock = glibc_is_lock,
	.is_half_taken = glibc_is_half_taken,
	.trim_exit_list = glibc_trim_exit_list,
};
