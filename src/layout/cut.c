/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first step of the layout: cuts regions into pieces with content and areas without.
 *
 *   region  |data|..zeros..|data|.........zeros.........|data|
 *   becomes |     piece         |        PLAN_ANON       |piece|
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "arch_address_space.h"
#include "base/xalloc.h"
#include "layout/cut.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

/* Copying this many zeros takes about as long as one more call. */
#define COPY_GAP (UINT64_C(32) << 10)

void cut_clear(struct cut *cut)
{
	free(cut->pieces);
	free(cut->ops);
	memset(cut, 0, sizeof(*cut));
}

void cut_add_op(struct cut *cut, const struct plan_op *op)
{
	xgrow(cut->ops, cut->op_count, cut->op_room);
	cut->ops[cut->op_count++] = *op;
}

static void add_anon(struct cut *cut, struct range range, uint32_t prot, uint32_t flags)
{
	cut_add_op(cut, &(struct plan_op){
		.kind = PLAN_ANON,
		.prot = prot,
		.flags = flags,
		.start = range.start,
		.length = range_length(range),
	});
	cut->mapping_count++;
}

static void add_protect(struct cut *cut, struct range range, uint32_t prot)
{
	cut_add_op(cut, &(struct plan_op){
		.kind = PLAN_PROTECT,
		.prot = prot,
		.start = range.start,
		.length = range_length(range),
	});
}

static void add_cut_piece(struct cut *cut, struct range range, enum piece_kind kind, uint32_t prot)
{
	struct piece *last = cut->piece_count ? &cut->pieces[cut->piece_count - 1] : NULL;

	if (last && last->range.end == range.start && last->kind == kind && last->prot == prot) {
		last->range.end = range.end;
		return;
	}
	xgrow(cut->pieces, cut->piece_count, cut->piece_room);
	cut->pieces[cut->piece_count++] = (struct piece){
		.range = range,
		.kind = kind,
		.prot = prot,
	};
	if (kind != PIECE_COPY)
		cut->mapping_count++;
}

static void add_zeros(struct cut *cut, const struct region *region, struct range range)
{
	uint32_t flags = region->flags & REGION_NORESERVE ? PLAN_NORESERVE : 0;

	/* Reservations that cannot be accessed must not count against the memory limit. */
	if (!(region->prot & PROT_ALL))
		flags |= PLAN_NORESERVE;
	if (range.start < range.end)
		add_anon(cut, range, region->prot, flags);
}

/* Cuts a region whose content the kernel maps, in place or staged, with protection `prot`. */
static void cut_region(struct cut *cut, const struct region *region, enum piece_kind kind,
		       uint32_t prot, uint64_t threshold)
{
	uint64_t done = region->range.start;
	struct range piece;
	size_t i = 0;

	while (i < region->data_count) {
		piece = region->data[i];
		if (piece.start - done < threshold)
			piece.start = done;
		else
			add_zeros(cut, region, (struct range){ done, piece.start });
		while (++i < region->data_count &&
		       region->data[i].start - piece.end < threshold)
			piece.end = region->data[i].end;
		if (i == region->data_count && region->range.end - piece.end < threshold)
			piece.end = region->range.end;
		add_cut_piece(cut, piece, kind, prot);
		done = piece.end;
	}
	add_zeros(cut, region, (struct range){ done, region->range.end });
}

/* Stacks and shared memory get exactly the pages that they had. */
static void copy_region_content(struct cut *cut, const struct region *region)
{
	uint64_t gap = region->flags & (REGION_SHARED | REGION_GROWSDOWN) ? 0 : COPY_GAP;
	size_t i = 0;

	while (i < region->data_count) {
		struct range piece = region->data[i];

		while (++i < region->data_count && region->data[i].start - piece.end <= gap)
			piece.end = region->data[i].end;
		add_cut_piece(cut, piece, PIECE_COPY, PROT_READ);
	}
}

/* A region that must be anonymous memory is mapped as a whole, and its content is copied. */
static void copy_region(struct cut *cut, const struct region *region)
{
	uint32_t prot = region->prot;
	uint32_t flags = region->flags & REGION_NORESERVE ? PLAN_NORESERVE : 0;

	if (!(prot & PROT_ALL))
		flags |= PLAN_NORESERVE;
	if (region->data_count && !(prot & PROT_WRITE)) {
		prot = PROT_READ | PROT_WRITE;
		add_protect(cut, region->range, region->prot);
	}
	if (region->flags & REGION_GROWSDOWN)
		flags |= PLAN_GROWSDOWN;
	add_anon(cut, region->range, prot, flags);
	if (region->flags & REGION_SHARED) {
		cut->ops[cut->op_count - 1].kind = PLAN_SHARED;
		cut->ops[cut->op_count - 1].flags = 0;
	}
	copy_region_content(cut, region);
}

static void reopen_region(struct cut *cut, const struct region *region, size_t index)
{
	cut_add_op(cut, &(struct plan_op){
		.kind = PLAN_FILE,
		.prot = region->prot,
		.flags = O_RDWR, /* without it, mprotect could never make the mapping writable */
		.start = region->range.start,
		.length = range_length(region->range),
		.source = index,
		.offset = region->offset,
	});
	cut->mapping_count++;
}

/* The plan's files map objects. Objects without a mapping are only created. */
static void add_objects(struct cut *cut, const struct image *image)
{
	bool any = false;

	for (size_t i = 0; i < image->file_count; i++) {
		any |= plan_makes_object(image->files[i].plan.kind);
		cut->mapping_count += image->files[i].plan.kind == PLAN_FD_MAP;
	}
	if (any)
		cut_add_op(cut, &(struct plan_op){ .kind = PLAN_OBJECTS });
}

/* The kernel would accept a PROT_NONE segment, but the staged content could not be read, and
 * kernels treat such segments differently. The segment is readable, and the restarter protects
 * it in the end. */
static void closed_region(struct cut *cut, const struct region *region, uint64_t threshold)
{
	cut_region(cut, region, PIECE_MOVE, PROT_READ, threshold);
	if (region->data_count)
		add_protect(cut, region->range, PROT_NONE);
}

static void add_after(struct cut *cut, const struct region *region, uint32_t kind,
		      uint32_t flags)
{
	cut_add_op(cut, &(struct plan_op){
		.kind = kind,
		.flags = flags,
		.start = region->range.start,
		.length = range_length(region->range),
	});
}

static void add_advice(struct cut *cut, const struct region *region)
{
	static const struct {
		uint32_t flag, advice;
	} table[] = {
		{ REGION_DONTDUMP, MADV_DONTDUMP },
		{ REGION_DONTFORK, MADV_DONTFORK },
		{ REGION_WIPEONFORK, MADV_WIPEONFORK },
		{ REGION_HUGEPAGE, MADV_HUGEPAGE },
		{ REGION_NOHUGEPAGE, MADV_NOHUGEPAGE },
		{ REGION_MERGEABLE, MADV_MERGEABLE },
		{ REGION_SEQUENTIAL, MADV_SEQUENTIAL },
		{ REGION_RANDOM, MADV_RANDOM },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (region->flags & table[i].flag)
			add_after(cut, region, PLAN_ADVISE, table[i].advice);
	if (region->flags & REGION_GUARD)
		add_after(cut, region, PLAN_GUARD, 0);
	if (region->flags & REGION_AIO)
		add_after(cut, region, PLAN_AIO, 0);
	if (region->flags & REGION_LOCKED)
		add_after(cut, region, PLAN_LOCK,
			  region->flags & REGION_LOCKONFAULT ? MLOCK_ONFAULT : 0);
	if (region->flags & REGION_SEALED)
		add_after(cut, region, PLAN_SEAL, 0);
}

void cut_image(struct cut *cut, const struct image *image, uint64_t threshold)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (region->flags & REGION_REOPEN)
			reopen_region(cut, region, i);
		else if (region->flags & REGION_OBJECT)
			; /* see add_objects */
		else if (image_is_anonymous(image, region))
			copy_region(cut, region);
		else if (!(region->prot & PROT_ALL))
			closed_region(cut, region, threshold);
		else if (region->range.end > ARCH_PLACE_END)
			cut_region(cut, region, PIECE_MOVE, region->prot, threshold);
		else
			cut_region(cut, region, PIECE_PLACE, region->prot, threshold);
		add_advice(cut, region);
	}
	add_objects(cut, image);
}

/* Returns whether the advice selects the size of pages. */
static bool is_about_size(const struct plan_op *op)
{
	return op->flags == MADV_HUGEPAGE || op->flags == MADV_NOHUGEPAGE;
}

/* Memory must exist before it is filled, and be filled before it is protected. */
static int op_rank(const struct plan_op *op)
{
	switch (op->kind) {
	case PLAN_MOVE:
		return 1;
	case PLAN_OBJECTS:
		return 2;
	case PLAN_COPY:
		return 4;
	case PLAN_PROTECT:
	case PLAN_AIO:
		return 5;
	case PLAN_ADVISE:
		return is_about_size(op) ? 3 : 6;
	case PLAN_GUARD: /* refused in locked memory (mm/madvise.c, is_valid_guard_vma) */
		return 7;
	case PLAN_LOCK:
		return 8;
	case PLAN_SEAL:
		return 9;
	default:
		return 0;
	}
}

static int compare_ops(const void *a, const void *b)
{
	const struct plan_op *x = a, *y = b;

	if (op_rank(x) != op_rank(y))
		return op_rank(x) < op_rank(y) ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->flags > y->flags) - (x->flags < y->flags);
}

static bool can_join_ops(const struct plan_op *a, const struct plan_op *b)
{
	if (a->kind != b->kind || a->flags != b->flags || a->start + a->length != b->start)
		return false;
	return a->kind == PLAN_LOCK
	       || (a->kind == PLAN_ANON && a->prot == b->prot && !(a->flags & PLAN_GROWSDOWN));
}

void cut_order_ops(struct cut *cut)
{
	size_t kept = 0;

	if (!cut->op_count)
		return;
	qsort(cut->ops, cut->op_count, sizeof(*cut->ops), compare_ops);
	for (size_t i = 1; i < cut->op_count; i++) {
		if (can_join_ops(&cut->ops[kept], &cut->ops[i]))
			cut->ops[kept].length += cut->ops[i].length;
		else
			cut->ops[++kept] = cut->ops[i];
	}
	cut->op_count = kept + 1;
}
