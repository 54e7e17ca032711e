/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Properties that every layout must have, and the hard cases.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>

#include "arch_address_space.h"
#include "base/xalloc.h"
#include "layout/layout.h"
#include "unit.h"

#define PAGE UINT64_C(0x1000)
#define MAX_LOADS (72 - 2)
#define R PROT_READ
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

static struct unit_log entries;
static struct report report = { .sink = unit_sink, .context = &entries };

static struct image *new_image(void)
{
	struct image *image = image_new();

	image->page_size = PAGE;
	image->machine = 62;
	image->stack_limit = 8 << 20;
	return image;
}

static struct region *add_region(struct image *image, uint64_t start, uint64_t length,
				 uint32_t prot, uint32_t flags)
{
	return image_add_region(image, (struct range){ start, start + length }, prot, flags, 0,
				flags & REGION_REOPEN ? "/f" : "");
}

static void add_full(struct image *image, uint64_t start, uint64_t length, uint32_t prot,
		     uint32_t flags)
{
	struct region *region = add_region(image, start, length, prot, flags);

	region_add_data(region, region->range);
}

/* ---- The process that a layout makes ------------------------------------------------- */

static bool holds(uint64_t start, uint64_t length, uint64_t address)
{
	return address >= start && address - start < length;
}

static const struct segment *find_segment(const struct layout *layout, uint64_t address)
{
	for (size_t i = 0; i < layout->segment_count; i++)
		if (holds(layout->segments[i].range.start,
			  range_length(layout->segments[i].range), address))
			return &layout->segments[i];
	return NULL;
}

static const struct segment *find_in_place(const struct layout *layout, uint64_t address)
{
	const struct segment *segment = find_segment(layout, address);

	return segment && segment->source == segment->range.start ? segment : NULL;
}

/* Bits of kinds of operations. */
#define MAKES (1 << PLAN_ANON | 1 << PLAN_SHARED | 1 << PLAN_FILE | 1 << PLAN_MOVE)

static const struct plan_op *find_op(const struct layout *layout, unsigned kinds,
				     uint64_t address)
{
	for (size_t i = 0; i < layout->op_count; i++)
		if (kinds >> layout->ops[i].kind & 1 &&
		    holds(layout->ops[i].start, layout->ops[i].length, address))
			return &layout->ops[i];
	return NULL;
}

/* The final protection of memory at the address; -1: no memory. */
static int prot_at(const struct layout *layout, uint64_t address)
{
	const struct segment *segment = find_in_place(layout, address);
	const struct plan_op *op = find_op(layout, MAKES, address);
	const struct plan_op *protect = find_op(layout, 1 << PLAN_PROTECT, address);

	if (!segment && !op)
		return -1;
	if (protect)
		return protect->prot;
	if (segment)
		return segment->prot;
	return op->kind == PLAN_MOVE ? find_segment(layout, op->source)->prot : op->prot;
}

/* The address from which the bytes at `address` were captured; 0: they are zero. */
static uint64_t content_at(const struct layout *layout, uint64_t address)
{
	const struct segment *segment = find_in_place(layout, address);
	const struct plan_op *op;
	uint64_t staged;

	if (segment)
		return address;
	op = find_op(layout, 1 << PLAN_MOVE | 1 << PLAN_COPY, address);
	if (!op)
		return 0;
	staged = op->source + (address - op->start);
	segment = find_segment(layout, staged);
	return segment ? segment->source + (staged - segment->range.start) : 0;
}

static void check_address(const struct layout *layout, const struct region *region,
			  uint64_t address, bool data)
{
	ck_assert_int_eq(prot_at(layout, address), region->prot);
	if (data)
		ck_assert_uint_eq(content_at(layout, address), address);
}

static void check_regions(const struct image *image, const struct layout *layout)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (region->flags & REGION_OBJECT)
			continue;
		check_address(layout, region, region->range.start, false);
		check_address(layout, region, region->range.end - 1, false);
		for (size_t j = 0; j < region->data_count; j++) {
			check_address(layout, region, region->data[j].start, true);
			check_address(layout, region, region->data[j].end - 1, true);
			if (region->data[j].end < region->range.end)
				check_address(layout, region, region->data[j].end, false);
		}
	}
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* The final mappings do not overlap and are as large as the process's. */
static void check_sum(const struct image *image, const struct layout *layout)
{
	struct range *all = xcalloc(layout->segment_count + layout->op_count, sizeof(*all));
	uint64_t sum = 0, wanted = 0;
	size_t count = 0;

	for (size_t i = 0; i < layout->segment_count; i++)
		if (layout->segments[i].source == layout->segments[i].range.start)
			all[count++] = layout->segments[i].range;
	for (size_t i = 0; i < layout->op_count; i++)
		if (MAKES >> layout->ops[i].kind & 1)
			all[count++] = (struct range){
				layout->ops[i].start,
				layout->ops[i].start + layout->ops[i].length,
			};
	qsort(all, count, sizeof(*all), compare_ranges);
	for (size_t i = 0; i < count; i++) {
		ck_assert(all[i].start < all[i].end);
		if (i)
			ck_assert_uint_le(all[i - 1].end, all[i].start);
		sum += range_length(all[i]);
	}
	for (size_t i = 0; i < image->region_count; i++)
		if (!(image->regions[i].flags & REGION_OBJECT)) /* which is mapped by `files` */
			wanted += range_length(image->regions[i].range);
	ck_assert_uint_eq(sum, wanted);
	free(all);
}

static void check_segments(const struct layout *layout)
{
	uint64_t at = layout->data_offset;
	size_t loads = 0;

	ck_assert_uint_eq(at % PAGE, 0);
	ck_assert_uint_ge(at, 64 + (MAX_LOADS + 2) * 56);
	for (size_t i = 0; i < layout->segment_count; i++) {
		const struct segment *segment = &layout->segments[i], *last = segment - 1;

		ck_assert(segment->range.start < segment->range.end);
		ck_assert_uint_eq((segment->range.start | segment->range.end) % PAGE, 0);
		ck_assert_uint_eq(segment->offset, at);
		ck_assert_uint_le(segment->range.end, ARCH_PLACE_END);
		ck_assert_uint_ne(segment->prot, 0);
		at += range_length(segment->range);
		if (i)
			ck_assert_uint_le(last->range.end, segment->range.start);
		if (!i || last->range.end != segment->range.start || last->prot != segment->prot)
			loads++;
		if (segment->source != segment->range.start) {
			ck_assert_uint_ge(segment->range.start, layout->low_start);
			ck_assert_uint_le(segment->range.end, layout->restarter);
		}
	}
	ck_assert_uint_eq(layout->data_end, at);
	ck_assert_uint_le(loads, MAX_LOADS);
}

/* Advice about the size of pages comes before memory is filled, objects are made before it. */
static int rank(const struct plan_op *op)
{
	if (op->kind == PLAN_OBJECTS)
		return 2 * PLAN_MOVE + 1;
	if (op->kind == PLAN_ADVISE
	    && (op->flags == MADV_HUGEPAGE || op->flags == MADV_NOHUGEPAGE))
		return 2 * PLAN_MOVE + 1;
	return op->kind <= PLAN_FILE ? 0 : 2 * (int)op->kind;
}

static void check_ops(const struct layout *layout)
{
	for (size_t i = 0; i < layout->op_count; i++) {
		const struct plan_op *op = &layout->ops[i];

		if (i)
			ck_assert_int_le(rank(op - 1), rank(op));
		ck_assert(op->length || op->kind == PLAN_OBJECTS);
		ck_assert_uint_eq((op->start | op->length) % PAGE, 0);
		if (op->kind != PLAN_COPY)
			continue;
		ck_assert(find_op(layout, 1 << PLAN_ANON | 1 << PLAN_SHARED,
				  op->start)->prot & PROT_WRITE);
		ck_assert_uint_eq(op->offset, find_segment(layout, op->source)->offset);
	}
}

static void check_low(const struct image *image, const struct layout *layout)
{
	struct range low = {
		layout->low_start,
		layout->restarter + LAYOUT_RESTARTER_ROOM + PLAN_STRINGS_ROOM + PLAN_PARKING_ROOM,
	};

	ck_assert_uint_eq((low.start | layout->restarter) % PAGE, 0);
	ck_assert_uint_le(low.end, ARCH_PLACE_END);
	for (size_t i = 0; i < image->region_count; i++)
		ck_assert(!range_overlaps(low, image->regions[i].range));
	ck_assert_uint_eq(layout->stack_floor % PAGE, 0);
}

/* Computes the layout and checks everything that is true of all. */
static struct layout *compute(const struct image *image)
{
	struct layout *layout;

	memset(&entries, 0, sizeof(entries));
	report.status = 0;
	layout = layout_compute(image, &report);
	if (!layout)
		return NULL;
	ck_assert_int_eq(entries.count, 0);
	check_segments(layout);
	check_ops(layout);
	check_low(image, layout);
	check_sum(image, layout);
	check_regions(image, layout);
	return layout;
}

static size_t count_ops(const struct layout *layout, uint32_t kind)
{
	size_t count = 0;

	for (size_t i = 0; i < layout->op_count; i++)
		count += layout->ops[i].kind == kind;
	return count;
}

static void finish(struct image *image, struct layout *layout)
{
	layout_free(layout);
	image_free(image);
}

/* ---- Cases --------------------------------------------------------------------------- */

START_TEST(empty)
{
	struct image *image = new_image();
	struct layout *layout = compute(image);

	ck_assert_ptr_nonnull(layout);
	ck_assert_uint_eq(layout->segment_count, 0);
	ck_assert_uint_eq(layout->op_count, 0);
	ck_assert_uint_eq(layout->stack_floor, 0);
	ck_assert_uint_eq(layout->low_start, ARCH_LOW_SEARCH_START);
	finish(image, layout);
	layout_free(NULL);
}
END_TEST

/* Runs of zeros below 256 KiB stay in a segment; longer runs do not. */
START_TEST(zero_runs)
{
	static const uint64_t runs[] = { PAGE, (256 << 10) - PAGE, 256 << 10, 1 << 20 };

	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct image *image = new_image();
		uint64_t start = 0x400000, run = runs[i];
		struct region *region = add_region(image, start, 3 * run + 2 * PAGE, RW,
						   i % 2 ? REGION_NORESERVE : 0);
		bool within = run < 256 << 10;
		struct layout *layout;

		region_add_data(region, (struct range){ start + run, start + run + PAGE });
		region_add_data(region, (struct range){ start + 2 * run + PAGE,
							start + 2 * run + 2 * PAGE });
		layout = compute(image);
		ck_assert_uint_eq(layout->segment_count, within ? 1 : 2);
		ck_assert_uint_eq(layout->op_count, within ? 0 : 3);
		if (!within)
			ck_assert_uint_eq(layout->ops[0].flags, i % 2 ? PLAN_NORESERVE : 0);
		finish(image, layout);
	}
}
END_TEST

START_TEST(neighbours_are_joined)
{
	struct image *image = new_image();
	struct layout *layout;

	add_full(image, 0x400000, PAGE, RW, 0);
	add_full(image, 0x401000, PAGE, RW, 0);
	add_full(image, 0x402000, PAGE, R, 0);
	add_region(image, 0x403000, PAGE, RW, 0);
	add_region(image, 0x404000, PAGE, RW, 0);
	add_region(image, 0x405000, PAGE, RW, REGION_NORESERVE);
	layout = compute(image);
	ck_assert_uint_eq(layout->segment_count, 2);
	ck_assert_uint_eq(layout->op_count, 2);
	ck_assert_uint_eq(layout->ops[0].length, 2 * PAGE);
	finish(image, layout);
}
END_TEST

/* Two reservations of 1 TiB: one page of the first is in use, none of the second. */
START_TEST(sparse)
{
	struct image *image = new_image();
	uint64_t start = UINT64_C(0x200000000000), size = UINT64_C(1) << 40;
	struct region *region = add_region(image, start, size, RW, REGION_NORESERVE);
	struct layout *layout;

	region_add_data(region, (struct range){ start + (size >> 1), start + (size >> 1) + PAGE });
	add_region(image, start + size, size, PROT_NONE, 0);
	layout = compute(image);
	ck_assert_uint_eq(layout->segment_count, 1);
	ck_assert_uint_eq(layout->op_count, 3);
	ck_assert_uint_eq(layout->ops[2].prot, PROT_NONE);
	ck_assert_uint_eq(layout->ops[2].flags, PLAN_NORESERVE);
	ck_assert_uint_lt(layout->data_end, 1 << 20);
	finish(image, layout);
}
END_TEST

START_TEST(closed_with_content)
{
	struct image *image = new_image();
	struct region *region = add_region(image, 0x400000, 1 << 20, PROT_NONE, 0);
	struct layout *layout;

	region_add_data(region, (struct range){ 0x400000, 0x401000 });
	layout = compute(image);
	ck_assert_uint_eq(layout->segments[0].prot, PROT_READ);
	ck_assert_uint_eq(count_ops(layout, PLAN_MOVE), 1);
	ck_assert_uint_eq(count_ops(layout, PLAN_PROTECT), 1);
	finish(image, layout);
}
END_TEST

/* Without address space randomization, everything lies where the new stack may. */
START_TEST(no_randomization)
{
	struct image *image = new_image();
	uint64_t at = UINT64_C(0x7ffff7000000);
	static const uint32_t prots[] = { R, RX, R, R, RW };
	struct region *stack;
	struct layout *layout;

	add_full(image, UINT64_C(0x555555554000), 8 * PAGE, RX, 0);
	for (int i = 0; i < 200; i++, at += 4 * PAGE)
		add_full(image, at, 4 * PAGE, prots[i % 5], 0);
	stack = add_region(image, UINT64_C(0x7ffffffde000), 33 * PAGE, RW, REGION_GROWSDOWN);
	region_add_data(stack, (struct range){ stack->range.end - 3 * PAGE, stack->range.end });
	image->mm.start_stack = stack->range.end - 0x500;
	layout = compute(image);
	ck_assert_uint_eq(count_ops(layout, PLAN_ANON), 1);
	ck_assert_uint_eq(count_ops(layout, PLAN_COPY), 1);
	ck_assert_uint_eq(layout->ops[0].flags, PLAN_GROWSDOWN);
	ck_assert_uint_eq(layout->stack_floor, stack->range.end - (8 << 20));
	finish(image, layout);
}
END_TEST

START_TEST(stack_need)
{
	const uint64_t end = UINT64_C(0x7fffffe00000), start = end - (2 << 20);
	static const struct {
		uint64_t depth, need;
	} cases[] = {
		{ 0x1000, 0 },
		{ (2 << 20) - (64 << 10), 0 },
		{ (2 << 20) - (64 << 10) + 1, (2 << 20) + 1 },
		{ 2 << 20, (2 << 20) + (64 << 10) },
		{ (2 << 20) + 1, 0 }, /* of another stack */
		{ UINT64_C(0x400000000000), 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct image *image = new_image();
		struct layout *layout;

		add_region(image, start, 2 << 20, RW, REGION_GROWSDOWN);
		image_add_thread(image,
				 &(struct plan_thread){ .frame = end - cases[i].depth }, "a");
		layout = compute(image);
		ck_assert_uint_eq(layout->stack_need, cases[i].need);
		finish(image, layout);
	}
}
END_TEST

START_TEST(stack_floor)
{
	static const struct {
		uint64_t limit, neighbour, floor;
	} cases[] = {
		{ 8 << 20, 0x10000000, 0x7fffff600000 },
		{ UINT64_MAX, 0x10000000, 0x7fffbfe00000 },
		{ UINT64_MAX, 0x7fffd0000000, 0x7fffd0100000 },
		{ UINT64_MAX, 0x7fffffbff000, 0x7fffffc00000 },
		{ PAGE, 0x10000000, 0x7fffffc00000 },
		{ UINT64_MAX, 0x7fffbfd80000, 0x7fffbfe80000 },
		{ (8 << 20) - 1, 0x10000000, 0x7fffff601000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct image *image = new_image();
		struct layout *layout;

		image->stack_limit = cases[i].limit;
		add_full(image, cases[i].neighbour - PAGE, PAGE, R, 0);
		add_region(image, UINT64_C(0x7fffffc00000), 2 << 20, RW, REGION_GROWSDOWN);
		layout = compute(image);
		ck_assert_uint_eq(layout->stack_floor, cases[i].floor);
		finish(image, layout);
	}
}
END_TEST

/* Anonymous regions are mapped whole and filled; regions of files and added regions stay in
 * place. Content with small gaps is copied in one operation. */
START_TEST(copied)
{
	struct image *image = new_image();
	struct region *region;
	struct layout *layout;

	add_full(image, 0x400000, PAGE, RW, 0);
	region = add_region(image, 0x500000, 2 << 20, RW, 0);
	region_add_data(region, (struct range){ 0x501000, 0x502000 });
	region_add_data(region, (struct range){ 0x50a000, 0x50b000 });
	region_add_data(region, (struct range){ 0x520000, 0x521000 });
	region_add_data(image_add_region(image, (struct range){ 0x800000, 0x802000 }, RW, 0, 0,
					 "/lib/file"), (struct range){ 0x800000, 0x802000 });
	image_insert_region(image, (struct range){ 0x900000, 0x901000 }, RX, ORIGIN_REDIRECT);
	add_full(image, 0xa00000, PAGE, PROT_NONE, 0);
	image->memory = IMAGE_MEMORY_COPY;
	layout = compute(image);
	ck_assert_uint_eq(count_ops(layout, PLAN_ANON), 3);
	ck_assert_uint_eq(count_ops(layout, PLAN_COPY), 4);
	ck_assert_uint_eq(find_op(layout, 1 << PLAN_COPY, 0x50a000)->start, 0x501000);
	ck_assert_uint_eq(find_op(layout, 1 << PLAN_ANON, 0xa00000)->flags, PLAN_NORESERVE);
	ck_assert_ptr_nonnull(find_in_place(layout, 0x800000));
	ck_assert_ptr_nonnull(find_in_place(layout, 0x900000));
	finish(image, layout);
}
END_TEST

/* A lazy dump may still have a region that must be anonymous. */
START_TEST(one_is_copied)
{
	struct image *image = new_image();
	struct layout *layout;

	add_full(image, 0x400000, PAGE, RW, 0);
	add_full(image, 0x500000, PAGE, RW, REGION_ANONYMOUS);
	image->memory = IMAGE_MEMORY_LAZY;
	layout = compute(image);
	ck_assert_uint_eq(count_ops(layout, PLAN_COPY), 1);
	ck_assert_ptr_nonnull(find_op(layout, 1 << PLAN_COPY, 0x500000));
	finish(image, layout);
}
END_TEST

/* A guard is a mapping without content between two separate ones. Locking comes last. */
START_TEST(guarded)
{
	struct image *image = new_image();
	struct layout *layout;
	const struct plan_op *op;

	add_full(image, 0x400000, 4 * PAGE, RW, REGION_LOCKED);
	add_region(image, 0x404000, PAGE, RW, REGION_GUARD | REGION_LOCKED);
	add_full(image, 0x405000, 4 * PAGE, RW, REGION_LOCKED | REGION_LOCKONFAULT);
	layout = compute(image);
	ck_assert_uint_eq(count_ops(layout, PLAN_ANON), 1);
	ck_assert_uint_eq(count_ops(layout, PLAN_COPY), 2); /* locked memory is anonymous */
	op = find_op(layout, 1 << PLAN_GUARD, 0x404000);
	ck_assert(op && op->length == PAGE);
	op = &layout->ops[layout->op_count - 2];
	ck_assert_uint_eq(op->kind, PLAN_LOCK);
	ck_assert_uint_eq(op->length, 5 * PAGE);
	op = &layout->ops[layout->op_count - 1];
	ck_assert_uint_eq(op->kind, PLAN_LOCK);
	ck_assert_uint_eq(op->flags, MLOCK_ONFAULT);
	finish(image, layout);
}
END_TEST

START_TEST(special_regions)
{
	struct image *image = new_image();
	struct layout *layout;
	const struct plan_op *op;

	add_full(image, 0x400000, 4 * PAGE, RW, REGION_SHARED);
	add_full(image, 0x500000, 4 * PAGE, R, REGION_SHARED);
	add_region(image, 0x600000, 4 * PAGE, R, REGION_SHARED);
	add_full(image, 0x700000, 4 * PAGE, RX, REGION_GROWSDOWN);
	add_full(image, 0x800000, 4 * PAGE, RW | PROT_EXEC, REGION_GROWSDOWN);
	add_full(image, 0x900000, 4 * PAGE, RW, REGION_WIPEONFORK | REGION_DONTDUMP);
	add_region(image, 0xa00000, 4 * PAGE, RW, REGION_SHARED | REGION_REOPEN)->offset = 0x3000;
	add_region(image, 0xb00000, 4 * PAGE, R, REGION_SHARED | REGION_REOPEN);
	add_region(image, 0xc00000, 4 * PAGE, RW, REGION_SHARED | REGION_OBJECT);
	image_add_file(image, &(struct plan_file){ .kind = PLAN_FD_MEMORY }, "object", NULL);
	layout = compute(image);
	ck_assert_uint_eq(count_ops(layout, PLAN_SHARED), 3);
	ck_assert_uint_eq(count_ops(layout, PLAN_COPY), 5);
	ck_assert_uint_eq(count_ops(layout, PLAN_PROTECT), 2);
	ck_assert_uint_eq(count_ops(layout, PLAN_ADVISE), 2);
	op = find_op(layout, 1 << PLAN_FILE, 0xa00000);
	ck_assert_uint_eq(op->source, 6);
	ck_assert_uint_eq(op->offset, 0x3000);
	ck_assert_uint_eq(op->flags, O_RDWR);
	op = find_op(layout, 1 << PLAN_FILE, 0xb00000);
	ck_assert_uint_eq(op->flags, O_RDWR); /* it may become writable again */
	ck_assert_ptr_null(find_op(layout, MAKES, 0xc00000));
	ck_assert_uint_eq(count_ops(layout, PLAN_OBJECTS), 1);
	ck_assert_uint_eq(find_op(layout, 1 << PLAN_ANON, 0x800000)->prot, RW | PROT_EXEC);
	ck_assert_uint_eq(find_op(layout, 1 << PLAN_ADVISE, 0x900000)->flags, MADV_DONTDUMP);
	finish(image, layout);
}
END_TEST

/* 3000 adjacent mappings share segments; mprotect restores their protection. */
START_TEST(many_touching)
{
	struct image *image = new_image();
	struct layout *layout;

	for (uint64_t i = 0; i < 3000; i++)
		add_full(image, 0x10000000 + i * 2 * PAGE, 2 * PAGE, i % 2 ? R : RW, 0);
	layout = compute(image);
	ck_assert_ptr_nonnull(layout);
	ck_assert_uint_ge(count_ops(layout, PLAN_PROTECT), 1400);
	ck_assert_uint_eq(count_ops(layout, PLAN_MOVE), 0);
	for (size_t i = 0; i < layout->segment_count; i++)
		ck_assert_uint_ne(layout->segments[i].prot & (PROT_WRITE | PROT_EXEC),
				  PROT_WRITE | PROT_EXEC);
	finish(image, layout);
}
END_TEST

/* 3000 separate mappings: the surplus is moved. */
START_TEST(many_apart)
{
	struct image *image = new_image();
	struct layout *layout;

	for (uint64_t i = 0; i < 3000; i++)
		add_full(image, 0x10000000 + i * 2 * PAGE, PAGE, i % 2 ? R : RW, 0);
	layout = compute(image);
	ck_assert_ptr_nonnull(layout);
	ck_assert_uint_eq(layout->segment_count, 3000);
	ck_assert_uint_ge(count_ops(layout, PLAN_MOVE), 3000 - MAX_LOADS);
	finish(image, layout);
}
END_TEST

/* Pages far apart in one region: zeros between them go to the file's holes. */
START_TEST(many_islands)
{
	struct image *image = new_image();
	struct region *region = add_region(image, 0x10000000, UINT64_C(3000) << 19, RW, 0);
	struct layout *layout;

	for (uint64_t i = 0; i < 3000; i++)
		region_add_data(region, (struct range){ 0x10000000 + (i << 19),
							0x10001000 + (i << 19) });
	layout = compute(image);
	ck_assert_ptr_nonnull(layout);
	ck_assert_uint_eq(layout->segment_count, 1);
	finish(image, layout);
}
END_TEST

START_TEST(too_many)
{
	struct image *image = new_image();

	for (uint64_t i = 0; i < 65000; i++)
		add_full(image, 0x10000000 + i * 2 * PAGE, PAGE, R, 0);
	ck_assert_ptr_null(compute(image));
	ck_assert_int_eq(entries.last.code, UNEXEC_CODE_SEGMENTS);
	ck_assert_int_eq(report.status, UNEXEC_UNSUPPORTED);
	ck_assert_int_eq(entries.last.stage, UNEXEC_STAGE_LAYOUT);
	ck_assert_ptr_nonnull(strstr(entries.text, "65000"));
	image_free(image);
}
END_TEST

START_TEST(low_memory)
{
	struct image *image = new_image();
	uint64_t low = ARCH_LOW_SEARCH_START;
	struct layout *layout;

	add_region(image, low - PAGE, 2 * PAGE, RW, 0);
	add_region(image, low + (UINT64_C(200) << 20), PAGE, RW, 0);
	layout = compute(image);
	ck_assert_uint_eq(layout->low_start, low + (UINT64_C(201) << 20) + PAGE);
	finish(image, layout);

	image = new_image();
	add_region(image, low, ARCH_PLACE_END - low - (UINT64_C(260) << 20), PROT_NONE, 0);
	ck_assert_ptr_null(compute(image));
	ck_assert_int_eq(entries.last.code, UNEXEC_CODE_NO_ROOM);
	image_free(image);
}
END_TEST

START_TEST(beyond_user_space)
{
	struct image *image = new_image();

	add_full(image, ARCH_USER_END - PAGE, 2 * PAGE, RW, 0);
	ck_assert_ptr_null(compute(image));
	ck_assert_int_eq(entries.last.code, UNEXEC_CODE_MAPPING);
	image_free(image);
}
END_TEST

/* Small images with random content. */
START_TEST(random_images)
{
	unsigned seed = _i + 1;
	struct image *image = new_image();
	uint64_t at = _i % 2 ? ARCH_PLACE_END - (64 << 20) : 0x400000;
	struct layout *layout;

	for (int i = 0; i < 60; i++) {
		uint64_t pages = 1 + rand_r(&seed) % 300, page;
		struct region *region;

		at += rand_r(&seed) % 3 * PAGE;
		region = add_region(image, at, pages * PAGE, rand_r(&seed) % 8,
				    rand_r(&seed) % 4 ? 0 : rand_r(&seed) % 65536);
		for (page = 0; page < pages; page += 1 + rand_r(&seed) % 120)
			if (!(region->flags & (REGION_REOPEN | REGION_GUARD)))
				region_add_data(region, (struct range){ at + page * PAGE,
							at + page * PAGE + PAGE });
		at += pages * PAGE;
	}
	image->memory = _i % 3;
	layout = compute(image);
	ck_assert_ptr_nonnull(layout);
	finish(image, layout);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, empty);
	tcase_add_test(tests, zero_runs);
	tcase_add_test(tests, neighbours_are_joined);
	tcase_add_test(tests, sparse);
	tcase_add_test(tests, closed_with_content);
	tcase_add_test(tests, no_randomization);
	tcase_add_test(tests, stack_floor);
	tcase_add_test(tests, stack_need);
	tcase_add_test(tests, copied);
	tcase_add_test(tests, one_is_copied);
	tcase_add_test(tests, guarded);
	tcase_add_test(tests, special_regions);
	tcase_add_test(tests, many_touching);
	tcase_add_test(tests, many_apart);
	tcase_add_test(tests, many_islands);
	tcase_add_test(tests, too_many);
	tcase_add_test(tests, low_memory);
	tcase_add_test(tests, beyond_user_space);
	tcase_add_loop_test(tests, random_images, 0, 200);
}

int main(void)
{
	return unit_run("layout", add);
}
