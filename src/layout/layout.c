/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Computes the shape of a file from an image: cuts regions, limits the number of segments,
 * finds free low memory, gives each part its place in memory and in the file.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>

#include "arch_address_space.h"
#include "arch_machine.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "layout/cut.h"
#include "layout/layout.h"
#include "layout/low.h"

/* Kernels before 6.2 refuse program headers that exceed a page, which holds 73; later kernels
 * refuse more than 64 KiB (fs/binfmt_elf.c, load_elf_phdrs). 72 fill a page together with the
 * ELF header. One is the restarter's, one PT_GNU_STACK. */
#define MAX_PROGRAM_HEADERS 72
#define OWN_PROGRAM_HEADERS 2
/* Staged segments of one protection are adjacent in memory and in the file, and share a program
 * header. */
#define MAX_STAGED 8
#define MAX_PLACED (MAX_PROGRAM_HEADERS - OWN_PROGRAM_HEADERS - MAX_STAGED)
/* The default of vm.max_map_count is 65530. */
#define MAX_MAPPINGS 60000

/* Runs of zeros of this length or more are left out of segments. Only longer runs are left out
 * if a start would have to move many pieces (2 us each), or if there would be too many
 * mappings. */
#define ZEROS_FIRST (UINT64_C(256) << 10)
#define ZEROS_FOR_PIECES (UINT64_C(16) << 20)
#define MANY_PIECES 1000
#define ZEROS_LAST (UINT64_C(1) << 46)

#define HEADERS_SIZE \
	(sizeof(ARCH_ELF(Ehdr)) + MAX_PROGRAM_HEADERS * sizeof(ARCH_ELF(Phdr)))

struct work {
	const struct image *image;
	struct report *report;
	struct layout *layout;
	struct cut cut;
	struct range stack; /* with the addresses that it may grow to */
};

/* ---- The number of segments --------------------------------------------------------- */

static bool joinable(const struct piece *a, const struct piece *b)
{
	return a->kind == PIECE_PLACE && b->kind == PIECE_PLACE && a->range.end == b->range.start;
}

/* Counts the segments in place if all adjacent pieces are joined. */
static size_t count_runs(const struct cut *cut)
{
	size_t runs = 0;

	for (size_t i = 0; i < cut->piece_count; i++)
		if (cut->pieces[i].kind == PIECE_PLACE &&
		    (!i || !joinable(&cut->pieces[i - 1], &cut->pieces[i])))
			runs++;
	return runs;
}

/* Stages the pieces that exceed the number of segments in place; many of them share a program
 * header. */
static void stage_surplus(struct cut *cut)
{
	size_t runs = 0;

	for (size_t i = 0; i < cut->piece_count; i++) {
		if (cut->pieces[i].kind != PIECE_PLACE)
			continue;
		if (!i || !joinable(&cut->pieces[i - 1], &cut->pieces[i]))
			runs++;
		if (runs > MAX_PLACED)
			cut->pieces[i].kind = PIECE_MOVE;
	}
}

/* Cuts as finely as the limits allow. */
static int cut_within_limits(struct work *work)
{
	struct cut *cut = &work->cut;
	uint64_t zeros;

	for (zeros = ZEROS_FIRST; zeros <= ZEROS_LAST; zeros *= 2) {
		cut_image(cut, work->image, zeros);
		if (cut->mapping_count <= MAX_MAPPINGS &&
		    (count_runs(cut) <= MANY_PIECES || zeros >= ZEROS_FOR_PIECES)) {
			stage_surplus(cut);
			return 0;
		}
		if (zeros < ZEROS_LAST)
			cut_clear(cut);
	}
	report_error(work->report, SEGMENTS,
		     "the process has too many mappings: %zu regions need %zu, the limit is %d",
		     work->image->region_count, cut->mapping_count, MAX_MAPPINGS);
	return -1;
}

/* ---- Low memory --------------------------------------------------------------------- */

static int compare_staged(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;

	if (x->prot != y->prot)
		return x->prot < y->prot ? -1 : 1;
	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

/* Places staged pieces one after the other from 0, by protection. Returns the end of the last
 * one. */
static uint64_t stage_pieces(struct cut *cut)
{
	struct piece **staged = xcalloc(cut->piece_count, sizeof(*staged));
	uint64_t at = 0;
	size_t count = 0;

	for (size_t i = 0; i < cut->piece_count; i++)
		if (cut->pieces[i].kind != PIECE_PLACE)
			staged[count++] = &cut->pieces[i];
	qsort(staged, count, sizeof(*staged), compare_staged);
	for (size_t i = 0; i < count; i++) {
		staged[i]->staged = at;
		at += range_length(staged[i]->range);
	}
	free(staged);
	return at;
}

static int place_low(struct work *work)
{
	struct layout *layout = work->layout;
	struct cut *cut = &work->cut;
	uint64_t size = stage_pieces(cut), length;

	length = size + LAYOUT_RESTARTER_ROOM + PLAN_STRINGS_ROOM + PLAN_PARKING_ROOM;
	layout->low_start = low_find_room(work->image, work->stack, length);
	if (!layout->low_start) {
		report_error(work->report, NO_ROOM,
			     "no free address range of %" PRIu64 " bytes for the restarter",
			     length);
		return -1;
	}
	layout->restarter = layout->low_start + size;
	for (size_t i = 0; i < cut->piece_count; i++)
		if (cut->pieces[i].kind != PIECE_PLACE)
			cut->pieces[i].staged += layout->low_start;
	return 0;
}

/* ---- Segments and operations -------------------------------------------------------- */

static struct segment *add_layout_segment(struct layout *layout, struct range range,
					  uint64_t source, uint32_t prot)
{
	struct segment *segment;

	xgrow(layout->segments, layout->segment_count, layout->segment_room);
	segment = &layout->segments[layout->segment_count++];
	*segment = (struct segment){ .range = range, .source = source, .prot = prot };
	return segment;
}

/* Makes one segment of adjacent pieces. Its protection is that of the largest piece; the
 * restarter changes the others'. */
static void place_run(struct work *work, const struct piece *pieces, size_t count)
{
	struct range range = { pieces[0].range.start, pieces[count - 1].range.end };
	const struct piece *largest = pieces;

	for (size_t i = 1; i < count; i++)
		if (range_length(pieces[i].range) > range_length(largest->range))
			largest = &pieces[i];
	add_layout_segment(work->layout, range, range.start, largest->prot);
	for (size_t i = 0; i < count; i++)
		if (pieces[i].prot != largest->prot)
			cut_add_op(&work->cut, &(struct plan_op){
				.kind = PLAN_PROTECT,
				.prot = pieces[i].prot,
				.start = pieces[i].range.start,
				.length = range_length(pieces[i].range),
			});
}

static void place_segments(struct work *work)
{
	const struct cut *cut = &work->cut;
	size_t surplus = 0, count;

	for (size_t i = 0; i < cut->piece_count; i++)
		surplus += cut->pieces[i].kind == PIECE_PLACE;
	surplus = surplus > MAX_PLACED ? surplus - MAX_PLACED : 0;

	for (size_t i = 0; i < cut->piece_count; i += count) {
		const struct piece *run = &cut->pieces[i];

		count = 1;
		if (run->kind != PIECE_PLACE)
			continue;
		while (surplus && i + count < cut->piece_count &&
		       joinable(&run[count - 1], &run[count])) {
			count++;
			surplus--;
		}
		place_run(work, run, count);
	}
}

static void stage_segments(struct work *work)
{
	struct cut *cut = &work->cut;

	for (size_t i = 0; i < cut->piece_count; i++) {
		const struct piece *piece = &cut->pieces[i];
		uint64_t length = range_length(piece->range);
		struct range range = { piece->staged, piece->staged + length };

		if (piece->kind == PIECE_PLACE)
			continue;
		add_layout_segment(work->layout, range, piece->range.start, piece->prot);
		cut_add_op(cut, &(struct plan_op){
			.kind = piece->kind == PIECE_MOVE ? PLAN_MOVE : PLAN_COPY,
			.start = piece->range.start,
			.length = length,
			.source = piece->staged,
		});
	}
}

static int compare_layout_segments(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

/* The restarter may read bytes to copy from the file instead. */
static void note_offsets(struct work *work)
{
	const struct layout *layout = work->layout;

	for (size_t i = 0; i < work->cut.op_count; i++) {
		struct plan_op *op = &work->cut.ops[i];
		const struct segment *segment, key = { .range.start = op->source };

		if (op->kind != PLAN_COPY)
			continue;
		segment = bsearch(&key, layout->segments, layout->segment_count,
				  sizeof(*layout->segments), compare_layout_segments);
		op->offset = segment->offset;
	}
}

static void place_in_file(struct work *work)
{
	struct layout *layout = work->layout;
	uint64_t at = align_up(HEADERS_SIZE, work->image->page_size);

	layout->data_offset = at;
	if (layout->segment_count)
		qsort(layout->segments, layout->segment_count, sizeof(*layout->segments),
		      compare_layout_segments);
	for (size_t i = 0; i < layout->segment_count; i++) {
		layout->segments[i].offset = at;
		at += range_length(layout->segments[i].range);
	}
	layout->data_end = at;
}

/* ---- All of it ---------------------------------------------------------------------- */

static int check_regions(const struct work *work)
{
	for (size_t i = 0; i < work->image->region_count; i++) {
		const struct region *region = &work->image->regions[i];

		if (region->range.end <= ARCH_USER_END)
			continue;
		report_add(work->report, UNEXEC_ERROR, UNEXEC_CODE_MAPPING, 0,
			   region->range.start, region->range.end,
			   "the mapping at %#" PRIx64 " is outside the address space of a process here",
			   region->range.start);
		return -1;
	}
	return 0;
}

static int compute_layout(struct work *work)
{
	if (check_regions(work) < 0 || cut_within_limits(work) < 0)
		return -1;
	work->stack = low_find_stack(work->image);
	work->layout->stack_floor = work->stack.start;
	work->layout->stack_need = low_stack_need(work->image);
	if (place_low(work) < 0)
		return -1;
	place_segments(work);
	stage_segments(work);
	place_in_file(work);
	note_offsets(work);
	cut_order_ops(&work->cut);
	return 0;
}

struct layout *layout_compute(const struct image *image, struct report *report)
{
	struct work work = {
		.image = image,
		.report = report,
		.layout = xcalloc(1, sizeof(struct layout)),
	};
	enum unexec_stage stage = report ? report->stage : UNEXEC_STAGE_LAYOUT;
	int result;

	if (report)
		report->stage = UNEXEC_STAGE_LAYOUT;
	result = compute_layout(&work);
	if (report)
		report->stage = stage;

	work.layout->ops = work.cut.ops;
	work.layout->op_count = work.cut.op_count;
	work.layout->op_room = work.cut.op_room;
	work.cut.ops = NULL;
	cut_clear(&work.cut);
	if (result == 0)
		return work.layout;
	layout_free(work.layout);
	return NULL;
}

void layout_free(struct layout *layout)
{
	if (!layout)
		return;
	free(layout->segments);
	free(layout->ops);
	free(layout);
}
