/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Leads madvise() in the dump to code of our own, src/discard, which says why:
 *
 *     libc                            in low memory, r-x            rw-
 *    ┌────────────────────────┐      ┌──────────────────────────┐  ┌────────────┐
 *    │ madvise: mov  $28,%eax │      │ caller 0: call discard   │  │ which      │
 *    │          syscall       │ ───► │           jmp  behind it │  │ memory it  │
 *    │          cmp  …        │ ◄─── │ caller 1: …              │  │ is about   │
 *    └────────────────────────┘      └──────────────────────────┘  └────────────┘
 *
 * The two instructions become two of the same lengths, a move and a jump.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "arch_tool.h"
#include "capture/capture.h"
#include "capture/exported.h"
#include "image/xalloc.h"
#include "shared/discard.h"

/* discard_blob.S */
extern const unsigned char discard_blob_start[], discard_blob_end[];

/* More do not fit into the page, nor are there in any process: one a libc. */
#define SITES_MAX 16
#define CALLERS 3072 /* where they begin */

struct discard {
	struct capture *capture;
	uint64_t sites[SITES_MAX];
	size_t site_count;
	uint64_t code; /* the two pages; 0: none */
};

/* ---- Where the calls are ----------------------------------------------------------------- */

/* By an earlier dump. */
static bool is_led_here(const struct discard *discard, const unsigned char *code)
{
	uint64_t caller = arch_led_to(code);

	return discard->code && caller >= discard->code + CALLERS
	       && caller < discard->code + DISCARD_TABLE;
}

static void add_site(struct discard *discard, uint64_t address, const unsigned char *code)
{
	if (discard->site_count == SITES_MAX)
		return;
	for (size_t i = 0; i < discard->site_count; i++)
		if (discard->sites[i] == address)
			return;
	if (arch_is_call_of(code, SYS_madvise) || is_led_here(discard, code))
		discard->sites[discard->site_count++] = address;
}

static void look_at_function(struct discard *discard, uint64_t address)
{
	unsigned char code[ARCH_CALL_SITE];

	if (address && !capture_peek(discard->capture, address, code, sizeof(code)))
		add_site(discard, address, code);
}

/* Of a program that exports nothing, all code is looked at. */
static void look_everywhere(struct discard *discard)
{
	const struct image *image = discard->capture->image;
	unsigned char *bytes;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];
		size_t length = range_length(region->range);

		if ((region->prot & 5) != 5 /* read, execute */ || region_is_made(region)
		    || region->flags & REGION_SHARED || region->name[0] != '/')
			continue;
		bytes = xmalloc(length);
		if (capture_read(discard->capture, region->range.start, bytes, length))
			length = 0;
		for (size_t at = 0; at + ARCH_CALL_SITE <= length; at++)
			add_site(discard, region->range.start + at, bytes + at);
		free(bytes);
	}
}

static void find_sites(struct discard *discard)
{
	const struct image *image = discard->capture->image;

	for (size_t i = 0; i < image->region_count; i++)
		look_at_function(discard, capture_exported_by(discard->capture,
							      &image->regions[i], "madvise"));
	if (!discard->site_count)
		look_everywhere(discard);
}

/* ---- What it is about -------------------------------------------------------------------- */

static bool was_anonymous(const struct region *region)
{
	return !(region->flags & REGION_SHARED) && region->data_count
	       && region->name[0] != '/' && !region_is_made(region)
	       && strcmp(region->name, "[vdso]");
}

/* Nothing that was of a file is between the two. */
static bool are_neighbours(const struct image *image, uint64_t end, uint64_t start)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (region->range.start >= end && region->range.end <= start
		    && !was_anonymous(region))
			return false;
	}
	return true;
}

/* More ranges than there is room for are joined, the last ones: what was of a file between them
 * becomes zero, too, when it is given back. */
static void fill_table(const struct image *image, struct discard_table *table)
{
	for (size_t i = 0; i < image->region_count; i++) {
		const struct range range = image->regions[i].range;
		uint64_t last = table->count ? table->ranges[table->count - 1].end : 0;

		if (!was_anonymous(&image->regions[i]))
			continue;
		if (table->count
		    && (table->count == DISCARD_RANGES || are_neighbours(image, last, range.start))) {
			table->ranges[table->count - 1].end = range.end;
			continue;
		}
		table->ranges[table->count].start = range.start;
		table->ranges[table->count++].end = range.end;
	}
}

/* ---- Where it is put --------------------------------------------------------------------- */

/* The pages of an earlier dump, which threads may be in. */
static uint64_t find_earlier(const struct image *image)
{
	for (size_t i = 0; i < image->region_count; i++)
		if (!strcmp(image->regions[i].name, REGION_DISCARD))
			return image->regions[i].range.start;
	return 0;
}

static uint64_t find_room(const struct image *image)
{
	uint64_t at = ARCH_LED_END;

	while (at > ARCH_LED_END / 4) {
		at -= DISCARD_TABLE * 4;
		if (image_is_free(image, (struct range){ at - DISCARD_TABLE, at + 3 * DISCARD_TABLE }))
			return at;
	}
	return 0;
}

static bool add_pages(struct discard *discard)
{
	struct image *image = discard->capture->image;
	uint64_t code = find_room(image), table = code + DISCARD_TABLE;

	if (!code)
		return false;
	image_insert_region(image, (struct range){ code, table }, 5 /* read, execute */,
			    REGION_DISCARD);
	image_insert_region(image, (struct range){ table, table + DISCARD_TABLE },
			    3 /* read, write */, REGION_DISCARD);
	discard->code = code;
	return true;
}

/* A thread that is between the two instructions makes the first one again. */
static void step_back(struct discard *discard)
{
	struct image *image = discard->capture->image;
	unsigned char frame[ARCH_FRAME_BYTES];

	for (size_t i = 0; i < image->thread_count; i++) {
		uint64_t counter;

		if (capture_read(discard->capture, image->threads[i].frame, frame,
				 sizeof(frame)))
			continue;
		counter = arch_frame_counter(frame);
		for (size_t j = 0; j < discard->site_count; j++)
			if (counter == discard->sites[j] + ARCH_CALL_MIDDLE)
				image_add_patch(image,
						image->threads[i].frame + arch_frame_counter_place,
						&discard->sites[j], sizeof(uint64_t));
	}
}

static void lead(struct discard *discard)
{
	struct image *image = discard->capture->image;
	unsigned char code[ARCH_CALLER] = { 0 };

	for (size_t i = 0; i < discard->site_count; i++) {
		uint64_t site = discard->sites[i];
		uint64_t caller = discard->code + CALLERS + i * sizeof(code);

		arch_make_caller(code, caller, discard->code, site + ARCH_CALL_SITE);
		image_add_patch(image, caller, code, sizeof(code));
		arch_lead_away(code, caller);
		image_add_patch(image, site, code, ARCH_CALL_SITE);
	}
}

void capture_lead_discard(struct capture *capture, struct report *report)
{
	struct image *image = capture->image;
	struct discard discard = { .capture = capture, .code = find_earlier(image) };
	struct discard_table table = { 0 };

	_Static_assert(CALLERS + SITES_MAX * ARCH_CALLER <= DISCARD_TABLE, "no room");
	_Static_assert(sizeof(table) == 4096, "a page");
	find_sites(&discard);
	if (!discard.site_count && !discard.code)
		return;
	if (!discard.code && !add_pages(&discard)) {
		report_error(report, NO_ROOM, "no free addresses below 4 GB");
		return;
	}
	fill_table(image, &table);
	image_add_patch(image, discard.code, discard_blob_start,
			(size_t)(discard_blob_end - discard_blob_start));
	image_add_patch(image, discard.code + DISCARD_TABLE, &table, sizeof(table));
	step_back(&discard);
	lead(&discard);
}
