/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The code that calls set_tid_address(): see tid_code.h. The kernel clears the TID in glibc up
 * to 2.42, another word of the control block in 2.43 (joinstate), and the lock of the list of
 * threads in musl. libc passes the address for its first thread to set_tid_address() and for all
 * others to clone(). It is the same word for all (musl), or at the same offset in each block
 * (glibc).
 */
#include <stdlib.h>

#include "arch_code.h"
#include "arch_tls.h"
#include "libc/tid_code.h"
#include "base/xalloc.h"

#define PIECE (UINT64_C(1) << 20) /* of code, read at once */

struct search {
	struct capture *capture;
	uint64_t base;
	uint32_t tid;
	struct arch_tid_code *found;
};

/* The code stores the result of set_tid_address() where this thread's TID is. */
static bool is_proven(const struct search *search)
{
	const struct arch_tid_code *code = search->found;
	uint64_t tid_at = search->base + (uint64_t)code->tid;
	uint64_t clear = tid_code_clear(code, search->base);
	uint32_t word;

	return arch_in_control_block(search->base, tid_at) && clear % sizeof(word) == 0
	       && (code->absolute || arch_in_control_block(search->base, clear))
	       && !capture_peek(search->capture, clear, &word, sizeof(word))
	       && !capture_peek(search->capture, tid_at, &word, sizeof(word))
	       && word == search->tid;
}

static bool search_bytes(const struct search *search, const unsigned char *bytes, size_t length,
		    uint64_t address)
{
	size_t at = 0, next;

	while ((next = arch_find_tid_code(bytes + at, length - at, address + at,
					  search->found))) {
		if (is_proven(search))
			return true;
		at += next - ARCH_TID_CODE_BEFORE; /* the next search starts after this call */
	}
	return false;
}

static bool search_region(const struct search *search, const struct region *region)
{
	unsigned char *bytes = xmalloc(PIECE + ARCH_TID_CODE);
	uint64_t at = region->range.start;
	bool found = false;

	while (!found && at < region->range.end) {
		uint64_t length = region->range.end - at;

		if (length > PIECE + ARCH_TID_CODE)
			length = PIECE + ARCH_TID_CODE;
		if (!capture_peek(search->capture, at, bytes, length))
			found = search_bytes(search, bytes, length, at);
		at += PIECE;
	}
	free(bytes);
	return found;
}

/* The code is in the dynamic linker, which lies highest, or in a static program. */
bool tid_code_find(struct capture *capture, uint64_t base, uint32_t tid,
		   struct arch_tid_code *ret)
{
	const struct image *image = capture->image;
	const struct search search = { capture, base, tid, ret };

	for (size_t i = image->region_count; base && tid && i--;) {
		const struct region *region = &image->regions[i];

		if ((region->prot & 5) == 5 /* read, execute */ && region->name[0] == '/'
		    && !(region->flags & REGION_SHARED) && search_region(&search, region))
			return true;
	}
	return false;
}

uint64_t tid_code_clear(const struct arch_tid_code *code, uint64_t base)
{
	return (code->absolute ? 0 : base) + (uint64_t)code->clear;
}
