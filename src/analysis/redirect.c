/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Redirects system calls of the program to code that stays in the dump (src/redirect has the
 * reasons):
 *
 *     libc                            stubs, r-x               code, r-x      table, rw-
 *    ┌────────────────────────┐      ┌───────────────────┐    ┌──────────┐   ┌────────────┐
 *    │ madvise: number        │      │ stub: call code   │ ─► │ madvise  │   │ lazily     │
 *    │          system call   │ ───► │       jump back   │    │ mremap   │ ─►│ mapped     │
 *    │          …             │ ◄─── │                   │ ◄─ │ …        │   │ ranges     │
 *    └────────────────────────┘      └───────────────────┘    └──────────┘   └────────────┘
 *
 * Code and table lie in low memory, since a jump to there is as short as a system call. In a
 * dump of a dump they stay at their addresses, as memory of the program: threads may execute them.
 * Such a dump adds stubs for code that was loaded since, and fills the table again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "analysis/analysis.h"
#include "arch_calls.h"
#include "arch_frame.h"
#include "analysis/redirect_sites.h"
#include "base/xalloc.h"
#include "image/free_room.h"
#include "embedded/embedded.h"
#include "shared/redirect.h"

#define PROT_CODE (PROT_READ | PROT_EXEC)
#define PROT_DATA (PROT_READ | PROT_WRITE)

/* A region that is being filled with stubs. */
struct stub_room {
	uint64_t start, end;
};

struct redirect {
	struct capture *capture;
	struct report *report;
	const struct redirect_sites *sites;
	struct redirect_table table;
	uint64_t table_address;
	struct stub_room *rooms;
	size_t room_count, room_room;
};

/* ---- Room --------------------------------------------------------------------------------- */

/* The highest free addresses with a page to each neighbour. 0: there are none. */
static uint64_t find_redirect_room(const struct image *image, uint64_t length, uint64_t above,
				   uint64_t below)
{
	return image_find_room(image, &(struct room){ .length = length,
						      .distance = image->page_size,
						      .within = { above + image->page_size,
								  below - image->page_size },
						      .highest = true });
}

static uint64_t add_redirect_region(struct redirect *redirect, uint64_t length, uint32_t prot)
{
	struct image *image = redirect->capture->image;
	uint64_t at = find_redirect_room(image, length, ARCH_STUB_END / 4, ARCH_STUB_END);

	if (at)
		image_insert_region(image, (struct range){ at, at + length }, prot,
				    ORIGIN_REDIRECT);
	else
		report_error(redirect->report, NO_ROOM,
			     "no free addresses for redirected system calls below %u GB",
			     (unsigned)(ARCH_STUB_END >> 30));
	return at;
}

/* ---- Code and table ----------------------------------------------------------------------- */

/* Finds the table of an earlier dump. */
static void find_earlier(struct redirect *redirect)
{
	const struct image *image = redirect->capture->image;

	for (size_t i = 0; i < image->region_count && !redirect->table_address; i++) {
		const struct region *region = &image->regions[i];
		struct redirect_table table;

		if (region->origin != ORIGIN_REDIRECT || !(region->prot & PROT_WRITE)
		    || capture_read(redirect->capture, region->range.start, &table, sizeof(table))
		    || table.magic != REDIRECT_MAGIC)
			continue;
		if (table.version != REDIRECT_VERSION)
			report_error(redirect->report, VERSION,
				     "the process is a dump that another version of unexec made");
		redirect->table = table;
		redirect->table_address = region->range.start;
	}
}

static void add_room(struct redirect *redirect, uint64_t start, uint64_t end)
{
	xgrow(redirect->rooms, redirect->room_count, redirect->room_room);
	redirect->rooms[redirect->room_count++] = (struct stub_room){ start, end };
}

/* The stubs follow the code. */
static void add_code(struct redirect *redirect)
{
	size_t length = (size_t)(redirect_blob_end - redirect_blob_start);
	uint64_t stubs = (length + ARCH_STUB - 1) / ARCH_STUB * ARCH_STUB;
	uint64_t all = align_up(stubs + redirect->sites->count * ARCH_STUB,
				redirect->capture->image->page_size);
	uint64_t at = add_redirect_region(redirect, all, PROT_CODE);

	image_add_patch(redirect->capture->image, at, redirect_blob_start, length);
	add_room(redirect, at + stubs, at + all);
	redirect->table = (struct redirect_table){
		.magic = REDIRECT_MAGIC,
		.version = REDIRECT_VERSION,
		.entry = at,
	};
}

/* ---- Lazily mapped ranges ----------------------------------------------------------------- */

/* The advice of the mapping, which the redirect code repeats when it maps a part of it again. */
static void fill_advice(const struct region *region, struct redirect_range *range)
{
	static const struct { uint32_t flag; uint8_t advice; } table[] = {
		{ REGION_DONTDUMP, MADV_DONTDUMP },   { REGION_DONTFORK, MADV_DONTFORK },
		{ REGION_HUGEPAGE, MADV_HUGEPAGE },   { REGION_NOHUGEPAGE, MADV_NOHUGEPAGE },
		{ REGION_MERGEABLE, MADV_MERGEABLE },
	};
	size_t used = 0;

	_Static_assert(sizeof(table) / sizeof(*table) <= REDIRECT_ADVICE, "REDIRECT_ADVICE");
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (region->flags & table[i].flag)
			range->advice[used++] = table[i].advice;
}

static bool is_redirected(const struct image *image, const struct region *region)
{
	return !image_is_anonymous(image, region) && region->data_count
	       && (region_was_anonymous(region) || region->name[0] == '/');
}

static bool can_join(const struct redirect_range *a, const struct redirect_range *b)
{
	return a->end == b->start && a->kind == b->kind
	       && !memcmp(a->advice, b->advice, sizeof(a->advice));
}

static struct redirect_range *list_ranges(const struct image *image, uint64_t *ret_count)
{
	struct redirect_range *ranges = xcalloc(image->region_count + 1, sizeof(*ranges));
	uint64_t count = 0;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];
		struct redirect_range range = {
			.start = region->range.start,
			.end = region->range.end,
			.kind = region_was_anonymous(region) ? REDIRECT_ANONYMOUS : REDIRECT_FILE,
		};

		if (!is_redirected(image, region))
			continue;
		fill_advice(region, &range);
		if (count && can_join(&ranges[count - 1], &range))
			ranges[count - 1].end = range.end;
		else
			ranges[count++] = range;
	}
	*ret_count = count;
	return ranges;
}

/* The table keeps its address, which stubs contain; a longer list of ranges goes elsewhere. */
static void fill_table(struct redirect *redirect)
{
	struct image *image = redirect->capture->image;
	struct redirect_table *table = &redirect->table;
	uint64_t count, room = table->count, length;
	struct redirect_range *ranges = list_ranges(image, &count);

	length = sizeof(*table) + count * sizeof(*ranges);
	if (!redirect->table_address) {
		redirect->table_address = add_redirect_region(redirect, align_up(length, image->page_size),
						     PROT_DATA);
		table->ranges = redirect->table_address + sizeof(*table);
	} else if (count > room) {
		table->ranges = add_redirect_region(redirect, align_up(length, image->page_size), PROT_DATA);
	}
	table->count = count;
	image_add_patch(image, redirect->table_address, table, sizeof(*table));
	image_add_patch(image, table->ranges, ranges, count * sizeof(*ranges));
	free(ranges);
}

/* ---- Stubs -------------------------------------------------------------------------------- */

static bool can_reach(const struct arch_call_site *call, uint64_t address)
{
	if (call->kind != ARCH_CALL_ANY)
		return address < ARCH_STUB_END;
	return address < call->start ? call->start - address < ARCH_STUB_REACH
				     : address - call->start < ARCH_STUB_REACH;
}

static uint64_t find_near(const struct image *image, const struct arch_call_site *call)
{
	uint64_t reach = ARCH_STUB_REACH / 2, low, room;

	if (call->kind != ARCH_CALL_ANY)
		return find_redirect_room(image, image->page_size, ARCH_STUB_END / 4,
					  ARCH_STUB_END);
	low = call->start > reach ? call->start - reach : image->page_size * 16;
	room = find_redirect_room(image, image->page_size, low, call->start);
	return room ? room : find_redirect_room(image, image->page_size, call->start,
						call->start + reach);
}

static struct stub_room *add_near(struct redirect *redirect, const struct arch_call_site *call)
{
	struct image *image = redirect->capture->image;
	uint64_t at = find_near(image, call);

	if (!at)
		return NULL;
	image_insert_region(image, (struct range){ at, at + image->page_size }, PROT_CODE,
			    ORIGIN_REDIRECT);
	add_room(redirect, at, at + image->page_size);
	return &redirect->rooms[redirect->room_count - 1];
}

/* 0: there are no free addresses near enough. */
static uint64_t take_stub(struct redirect *redirect, const struct arch_call_site *call)
{
	struct stub_room *room = NULL;

	for (size_t i = 0; i < redirect->room_count && !room; i++)
		if (redirect->rooms[i].end - redirect->rooms[i].start >= ARCH_STUB
		    && can_reach(call, redirect->rooms[i].start))
			room = &redirect->rooms[i];
	if (!room)
		room = add_near(redirect, call);
	if (!room)
		return 0;
	room->start += ARCH_STUB;
	return room->start - ARCH_STUB;
}

static void redirect_call(struct redirect *redirect, const struct arch_call_site *call)
{
	struct image *image = redirect->capture->image;
	unsigned char stub[ARCH_STUB], code[ARCH_CALL_PATCH];
	uint64_t address = take_stub(redirect, call);

	if (!address) {
		report_error(redirect->report, NO_ROOM,
			     "no free addresses near the system call at %#llx",
			     (unsigned long long)call->instruction);
		return;
	}
	arch_make_stub(call, &redirect_numbers, redirect->table.entry, redirect->table_address,
		       stub);
	image_add_patch(image, address, stub, sizeof(stub));
	image_add_patch(image, call->start, code, arch_call_patch(call, address, code));
	if (call->kind == ARCH_CALL_ANY)
		image_add_patch(image, call->pad, code, arch_pad_patch(call, address, code));
}

static void step_back(struct redirect *redirect)
{
	struct image *image = redirect->capture->image;
	unsigned char frame[ARCH_FRAME_BYTES];
	struct arch_frame_word words[2];

	for (size_t i = 0; i < image->thread_count; i++) {
		uint64_t address = image->threads[i].frame;

		if (capture_read(redirect->capture, address, frame, sizeof(frame)))
			continue;
		for (size_t j = 0; j < redirect->sites->count; j++) {
			size_t count = arch_call_step_back(&redirect->sites->list[j], frame,
							   words);

			for (size_t k = 0; k < count; k++)
				image_add_patch(image, address + words[k].offset,
						&words[k].value, sizeof(words[k].value));
		}
	}
}

/* ---- All of it ---------------------------------------------------------------------------- */

static void add_all(struct redirect *redirect)
{
	if (!redirect->table_address)
		add_code(redirect);
	fill_table(redirect);
	if (redirect->report->status)
		return;
	step_back(redirect);
	for (size_t i = 0; i < redirect->sites->count; i++)
		redirect_call(redirect, &redirect->sites->list[i]);
}

void analysis_redirect_calls(struct capture *capture, const struct redirect_sites *sites,
			     struct report *report)
{
	struct redirect redirect = { .capture = capture, .report = report, .sites = sites };

	find_earlier(&redirect);
	if (!report->status && (sites->count || redirect.table_address))
		add_all(&redirect);
	free(redirect.rooms);
}
