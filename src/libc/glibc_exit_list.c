/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glibc's list of functions given to atexit() and on_exit(). A dump that begins at main takes
 * the program's own functions off it, since main registers them again.
 *
 * The list is made of blocks of 32 that no symbol leads to (stdlib/exit.h, 2.2 to 2.43):
 *
 *   next | idx | 32 times: flavor, mangled function, argument, object
 *
 * `idx` is the index after the last entry in use. The library registers a mark before it dumps:
 * a function whose argument and object are the address of the mark. The mark is the last entry
 * in use of its block, which leads to all older ones.
 */
#include <stdlib.h>
#include <string.h>

#include "arch_tls.h"
#include "libc/glibc.h"
#include "base/xalloc.h"

#define BLOCK_ENTRIES 32
#define BLOCKS_MAX 65536
#define CHUNK_WORDS 65536

struct entry {
	uint64_t flavor, function, argument, object;
};

enum flavor { FLAVOR_FREE = 0, FLAVOR_US = 1, FLAVOR_ON = 2, FLAVOR_AT = 3, FLAVOR_CXA = 4 };

struct block {
	uint64_t next, count;
	struct entry entries[BLOCK_ENTRIES];
};

/* The search for the mark. */
struct search {
	struct capture *capture;
	uint64_t mark, function; /* of the mark, mangled */
	uint64_t found;          /* address of the entry */
	size_t count;
};

static bool is_writable(const struct region *region)
{
	return region && region->prot & 2 /* write */ && !(region->flags & REGION_SHARED);
}

static void search_chunk(struct search *search, const uint64_t *words, size_t count,
			 uint64_t address)
{
	for (size_t i = 0; i + 4 <= count; i++) {
		const struct entry entry = { FLAVOR_CXA, search->function, search->mark,
					     search->mark };

		if (words[i] != FLAVOR_CXA || memcmp(&words[i], &entry, sizeof(entry)) != 0)
			continue;
		search->found = address + i * sizeof(*words);
		search->count++;
	}
}

/* Chunks overlap by three words, so that each entry is in exactly one of them. */
static void search_range(struct search *search, struct range range)
{
	const uint64_t step = (CHUNK_WORDS - 3) * sizeof(uint64_t);
	uint64_t *words = xmalloc(CHUNK_WORDS * sizeof(*words));

	for (uint64_t at = range.start; at < range.end; at += step) {
		uint64_t length = range.end - at;

		if (length > CHUNK_WORDS * sizeof(*words))
			length = CHUNK_WORDS * sizeof(*words);
		if (!capture_peek(search->capture, at, words, length))
			search_chunk(search, words, length / sizeof(*words), at);
	}
	free(words);
}

static void search_memory(struct search *search)
{
	const struct image *image = search->capture->image;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		for (size_t j = 0; is_writable(region) && j < region->data_count; j++)
			search_range(search, region->data[j]);
	}
}

/* ---- The list ---------------------------------------------------------------------------- */

/* `count` lies in front of the first entry, and the mark is the last one. The word in front of
 * any other entry is an object: an address or 0. */
static uint64_t find_block(struct capture *capture, uint64_t mark)
{
	for (uint64_t count = 1; count <= BLOCK_ENTRIES; count++) {
		uint64_t first = mark - (count - 1) * sizeof(struct entry), word;

		if (capture_peek(capture, first - sizeof(word), &word, sizeof(word)))
			return 0;
		if (word == count)
			return first - 2 * sizeof(word);
	}
	return 0;
}

static bool read_block(struct capture *capture, uint64_t address, struct block *block)
{
	if (address % sizeof(uint64_t) || !is_writable(image_find(capture->image, address))
	    || capture_peek(capture, address, block, sizeof(*block))
	    || block->count > BLOCK_ENTRIES)
		return false;
	for (uint64_t i = 0; i < block->count; i++)
		if (block->entries[i].flavor > FLAVOR_CXA)
			return false;
	return true;
}

static bool is_programs_own(const struct image *image, uint64_t address)
{
	const struct region *region = image_find(image, address);

	return region && !strcmp(region->name, image->program);
}

/* Destructors of C++ objects are registered like atexit() functions, but with an argument. In a
 * program that is not PIE, the object is 0. */
static bool is_forgotten(const struct image *image, const struct entry *entry, uint64_t guard)
{
	uint64_t function = arch_demangle(entry->function, guard);

	if (entry->flavor == FLAVOR_ON)
		return is_programs_own(image, function);
	return entry->flavor == FLAVOR_CXA && !entry->argument
	       && is_programs_own(image, entry->object ? entry->object : function);
}

/* Visits all blocks. Without add_fixups, it only checks them. */
static bool walk_list(struct capture *capture, uint64_t address, uint64_t guard, bool add_fixups)
{
	size_t offset = offsetof(struct block, entries);
	struct block block;
	size_t count = 0;

	for (; address; address = block.next) {
		if (++count > BLOCKS_MAX || !read_block(capture, address, &block))
			return false;
		for (uint64_t i = 0; add_fixups && i < block.count; i++) {
			struct plan_fixup found = {
				.address = address + offset + i * sizeof(struct entry),
				.kind = PLAN_FIXUP_FORGET,
			};

			if (is_forgotten(capture->image, &block.entries[i], guard))
				image_add_fixup(capture->image, &found);
		}
	}
	return true;
}

bool glibc_trim_exit_list(struct capture *capture, const struct exit_list *list)
{
	struct search search = { .capture = capture, .mark = list->mark };
	uint64_t guard_at = list->thread_pointer + ARCH_GUARD_PLACE, guard, block;

	if (capture_peek(capture, guard_at, &guard, sizeof(guard)))
		return false;
	search.function = arch_mangle(list->function, guard);
	search_memory(&search);
	block = search.count == 1 ? find_block(capture, search.found) : 0;
	return block && walk_list(capture, block, guard, false)
	       && walk_list(capture, block, guard, true);
}
