/* SPDX-License-Identifier: MIT
 *
 * mremap(). Anonymous memory that grows gets zeros, is one mapping, and can be moved as one.
 * Lazily mapped memory would grow into the next bytes of the dump's file (SIGBUS after its
 * end). And one mapping of the process may be several: the kernel has mapped content from the
 * file, and zeros without a file.
 *
 * Memory that grows in place gets anonymous memory after it. Memory that moves becomes
 * anonymous: parts of the file are copied, anonymous parts are moved.
 */
#include "redirect.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* since 5.7 */
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* since 4.17 */
#endif

/* Longer memory is not copied if it can grow in place. Shorter memory is copied: as one
 * anonymous mapping it needs no redirection when it grows again. */
#define LONG (UINT64_C(64) << 20)

struct move {
	const struct redirect_table *table;
	struct span old; /* without the end that is cut off */
	uint64_t old_length, new_length, flags, wanted;
	/* The mappings in the old span: */
	bool known; /* /proc can be read */
	struct mapping own;
	uint32_t prot;
	bool foreign; /* some of it is of a file, shared or the kernel's */
	bool of_file; /* some of it was of a file and is now of the dump's file */
};

/* ---- The old memory ----------------------------------------------------------------------- */

static bool was_of_file(const struct redirect_table *table, struct span span)
{
	const struct redirect_range *range = table_from(table, span.start);

	for (; range < table_end(table) && range->start < span.end; range++)
		if (range->kind == REDIRECT_FILE && range->start < range->end)
			return true;
	return false;
}

static void examine_mapping(struct move *move, const struct mapping *mapping)
{
	struct span part = span_meet(move->old, mapping->span);

	if (part.start == move->old.start)
		move->prot = mapping->prot;
	move->foreign |= mapping->prot != move->prot;
	if (mapping_is_anonymous(mapping))
		return;
	if (!mapping_is_of(mapping, &move->own))
		move->foreign = true;
	else if (was_of_file(move->table, part))
		move->of_file = true;
}

/* Returns false if the span has a hole. */
static bool examine_old(struct move *move)
{
	uint64_t at = move->old.start;
	struct mapping mapping;
	struct maps_reader maps;

	move->known = mappings_find_own(&move->own) && mappings_open(&maps);
	if (!move->known)
		return true;
	while (at < move->old.end && mappings_next(&maps, &mapping) && mapping.span.start <= at) {
		if (mapping.span.end <= at)
			continue;
		examine_mapping(move, &mapping);
		at = mapping.span.end;
	}
	mappings_close(&maps);
	return at >= move->old.end;
}

/* Without /proc, assumes readable and writable memory, as malloc's. msync() checks that all
 * of it is mapped. */
static bool examine_without_proc(struct move *move)
{
	move->prot = PROT_READ | PROT_WRITE;
	move->of_file = was_of_file(move->table, move->old);
	return !sys(__NR_msync, move->old.start, move->old_length, 1 /* MS_ASYNC */);
}

/* ---- In place ----------------------------------------------------------------------------- */

static bool can_stay(const struct move *move)
{
	return !(move->flags & MREMAP_MAYMOVE) || move->old_length >= LONG;
}

static bool grow_in_place(const struct move *move)
{
	uint64_t more = move->new_length - move->old_length;
	long got = sys(__NR_mmap, move->old.end, more, move->prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == (long)move->old.end) {
		memory_advise_as(move->table, move->old.start,
				 (struct span){ move->old.end, move->old.end + more });
		return true;
	}
	if (!sys_failed(got)) /* a kernel without the flag */
		sys(__NR_munmap, got, more);
	return false;
}

/* ---- Elsewhere ---------------------------------------------------------------------------- */

/* PROT_NONE, so that a sparse reservation does not count as committed memory. */
static long make_target(const struct move *move)
{
	uint32_t fixed = move->flags & MREMAP_FIXED ? MAP_FIXED : 0;
	bool has_wish = move->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);

	return sys(__NR_mmap, has_wish ? move->wanted : 0, move->new_length, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0);
}

static bool copy_part(const struct move *move, struct span part, uint64_t target)
{
	uint64_t length = part.end - part.start;
	uint64_t to = target + (part.start - move->old.start);

	if (sys(__NR_mprotect, to, length, PROT_READ | PROT_WRITE))
		return false;
	if (!(move->prot & PROT_READ))
		sys(__NR_mprotect, part.start, length, move->prot | PROT_READ);
	memory_copy(to, part.start, length);
	if (!(move->prot & PROT_READ))
		sys(__NR_mprotect, part.start, length, move->prot);
	return true;
}

/* Moving page tables costs nothing for a huge reservation and loses no thread's write. */
static bool move_part(const struct move *move, struct span part, uint64_t target)
{
	uint64_t to = target + (part.start - move->old.start);

	return !sys_failed(sys(__NR_mremap, part.start, part.end - part.start,
			       part.end - part.start, MREMAP_MAYMOVE | MREMAP_FIXED, to))
	       || copy_part(move, part, target);
}

/* Fills in either the anonymous parts or the others. */
static bool fill_parts(const struct move *move, uint64_t target, bool anonymous)
{
	struct mapping mapping;
	struct maps_reader maps;
	bool done = true;

	if (!mappings_open(&maps))
		return false;
	while (done && mappings_next(&maps, &mapping) && mapping.span.start < move->old.end) {
		struct span part = span_meet(move->old, mapping.span);

		if (span_is_empty(part) || mapping_is_anonymous(&mapping) != anonymous)
			continue;
		done = anonymous ? move_part(move, part, target)
				 : copy_part(move, part, target);
	}
	mappings_close(&maps);
	return done;
}

/* The copies, which may fail for lack of memory, come first, while the old memory is
 * complete. */
static bool fill_target(const struct move *move, uint64_t target)
{
	if (!move->known)
		return copy_part(move, move->old, target);
	return fill_parts(move, target, false) && fill_parts(move, target, true);
}

static long remove_old(const struct move *move)
{
	uint64_t got;

	table_forget(move->table, (struct span){ move->old.start,
						 move->old.start + move->old_length });
	if (!(move->flags & MREMAP_DONTUNMAP))
		return sys(__NR_munmap, move->old.start, move->old_length);
	got = (uint64_t)sys(__NR_mmap, move->old.start, move->old_length, move->prot,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return got == move->old.start ? 0 : (long)got;
}

static long move_away(const struct move *move)
{
	long target = make_target(move), failed;

	if (sys_failed(target))
		return target;
	memory_advise_as(move->table, move->old.start,
			 (struct span){ (uint64_t)target, (uint64_t)target + move->new_length });
	if (!fill_target(move, (uint64_t)target)) {
		sys(__NR_munmap, target, move->new_length);
		return -ENOMEM;
	}
	sys(__NR_mprotect, target, move->new_length, move->prot);
	failed = remove_old(move);
	return failed ? failed : target;
}

/* ---- The call ----------------------------------------------------------------------------- */

static long call_kernel(const uint64_t arguments[6])
{
	return sys(__NR_mremap, arguments[0], arguments[1], arguments[2], arguments[3],
		   arguments[4]);
}

/* The kernel itself rejects these calls before it looks at the mapping, or does them as it
 * should. */
static bool is_left_to_kernel(const struct move *move)
{
	const uint64_t known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
	const uint64_t elsewhere = MREMAP_FIXED | MREMAP_DONTUNMAP;
	struct span target = { move->wanted, move->wanted + move->new_length };

	if (move->old.start % PAGE || move->flags & ~known || !move->old_length
	    || !move->new_length || move->old.end < move->old.start
	    || (move->flags & elsewhere && !(move->flags & MREMAP_MAYMOVE))
	    || (move->flags & MREMAP_DONTUNMAP && move->old_length != move->new_length))
		return true;
	if (move->flags & elsewhere
	    && (move->wanted % PAGE || target.end < target.start
		|| !span_is_empty(span_meet(move->old, target))))
		return true;
	return !(move->flags & elsewhere) && move->new_length <= move->old_length;
}

static long remap(struct move *move, const uint64_t arguments[6])
{
	bool grows = move->new_length > move->old_length;

	if (!examine_old(move) || (!move->known && !examine_without_proc(move))
	    || move->foreign) {
		/* Since 6.17, the kernel moves several mappings at once. */
		memory_make_anonymous(move->table, move->old, CONTENT_KEPT);
		return call_kernel(arguments);
	}
	/* The original file is unknown here; the kernel would map bytes of the dump's. */
	if (move->of_file)
		return grows ? -ENOMEM : call_kernel(arguments);
	if (!(move->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && can_stay(move)
	    && grow_in_place(move))
		return (long)move->old.start;
	return move->flags & MREMAP_MAYMOVE ? move_away(move) : -ENOMEM;
}

long redirect_mremap(const struct redirect_table *table, const uint64_t arguments[6])
{
	struct move move = {
		.table = table,
		.old_length = (arguments[1] + PAGE - 1) & -PAGE,
		.new_length = (arguments[2] + PAGE - 1) & -PAGE,
		.flags = arguments[3],
		.wanted = arguments[4],
	};
	long result;

	move.old = (struct span){ arguments[0], arguments[0] + move.old_length };
	if (is_left_to_kernel(&move))
		return call_kernel(arguments);
	if (move.new_length < move.old_length)
		move.old.end = move.old.start + move.new_length;
	if (table_touches(table, move.old, true))
		return remap(&move, arguments);
	result = call_kernel(arguments);
	/* One mapping of the process may be several adjacent ones. */
	return result == -EFAULT ? remap(&move, arguments) : result;
}
