/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff` for people. A line begins with "-" or "+" if only the first or the second dump has
 * what it shows, with "~" if both have it and it differs.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "base/words.h"
#include "cli/diff.h"

#define SYMBOLS_SHOWN 8

static void print_diff_symbols(const struct diff_region *region)
{
	size_t shown = region->symbol_count < SYMBOLS_SHOWN ? region->symbol_count : SYMBOLS_SHOWN;

	for (size_t i = 0; i < shown; i++) {
		printf("      %7" PRIu64 " bytes of ", region->symbols[i].bytes);
		words_print(stdout, region->symbols[i].name);
		putchar('\n');
	}
	if (region->symbol_count > shown)
		printf("      … and of %zu more symbols\n", region->symbol_count - shown);
}

/* The same bytes, which the kernel has mapped elsewhere. */
static bool has_only_moved(const struct diff_region *region)
{
	const struct region *a = region->regions[0], *b = region->regions[1];

	return a && b && !region->pages && range_length(a->range) == range_length(b->range)
	       && a->prot == b->prot && a->flags == b->flags;
}

static void print_diff_region(const struct diff_region *region)
{
	const struct region *a = region->regions[0], *b = region->regions[1], *any = a ? a : b;

	printf("%c %012" PRIx64 "-%012" PRIx64 " %c%c%c %7" PRIu64 " %9" PRIu64 "  ",
	       a && b ? '~' : a ? '-' : '+', any->range.start, any->range.end,
	       any->prot & PROT_READ ? 'r' : '-', any->prot & PROT_WRITE ? 'w' : '-',
	       any->prot & PROT_EXEC ? 'x' : '-', region->pages, region->bytes);
	words_print(stdout, *any->name ? any->name : "anonymous");
	putchar('\n');
	if (a && b && a->range.start != b->range.start)
		printf("      is at %#" PRIx64 " in the second\n", b->range.start);
	if (a && b && range_length(a->range) != range_length(b->range))
		printf("      has %" PRIu64 " bytes, in the second %" PRIu64 "\n",
		       range_length(a->range), range_length(b->range));
	if (a && b && a->prot != b->prot)
		puts("      has another protection in the second");
	else if (a && b && a->flags != b->flags)
		puts("      has other properties in the second: see unexec info --text");
	print_diff_symbols(region);
}

void diff_print(const struct diff *diff)
{
	size_t moved = 0;

	for (int i = 0; i < 2; i++) {
		fputs(i ? "+ " : "- ", stdout);
		words_print(stdout, diff->sides[i].info.path);
		putchar('\n');
	}
	printf("\nmemory: %" PRIu64 " pages differ, %" PRIu64 " are the same\n", diff->pages,
	       diff->same_pages);
	if (diff->region_count)
		printf("  %-25s %-3s %7s %9s  %s\n", "addresses", "prot", "pages", "bytes", "from");
	for (size_t i = 0; i < diff->region_count; i++)
		if (has_only_moved(&diff->regions[i]))
			moved++;
		else
			print_diff_region(&diff->regions[i]);
	if (moved)
		printf("  %zu regions are the same at other addresses\n", moved);
	if (diff->line_count)
		puts("\nother state, as unexec info --text has it:");
	for (size_t i = 0; i < diff->line_count; i++)
		printf("%c %.*s\n", diff->lines[i].side ? '+' : '-', (int)diff->lines[i].length,
		       diff->lines[i].text);
}
