/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff`: diff.c reads two dumps, diff_memory.c compares their memory, diff_lines.c the rest.
 * diff_print.c and diff_json.c print the result.
 */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "cli/info.h"
#include "dumpfile/dump_memory.h"

struct diff_side {
	struct info info;
	int fd;
	struct dump_memory *memory;
};

/* A function or variable that has bytes which differ. */
struct diff_symbol {
	char *name;
	uint64_t address; /* in the first dump */
	uint64_t bytes;   /* that differ */
};

/* A region of one dump, or of both. */
struct diff_region {
	const struct region *regions[2]; /* NULL: the dump lacks it */
	uint64_t pages, bytes;           /* that differ; in a region of one dump: with content */
	struct diff_symbol *symbols;     /* those with most bytes first */
	size_t symbol_count;
};

/* A line of the description that only one dump has. */
struct diff_line {
	const char *text;
	size_t length;
	int side;
};

struct diff {
	struct diff_side sides[2];
	struct diff_region *regions; /* that differ, or that one dump lacks; by address */
	size_t region_count, region_room;
	uint64_t pages, same_pages;
	struct diff_line *lines;
	size_t line_count, line_room;
};

/* diff_memory.c: 0, or -1 after a message on stderr. */
int diff_memory(struct diff *diff);
void diff_free_memory(struct diff *diff);

/* diff_lines.c */
void diff_lines(struct diff *diff);

/* diff_symbols.c: finds the symbols, by address, of the first dump. Counts `bytes` that differ at
 * `address`. Moves the symbols with bytes to the region. */
struct diff_symbols;
struct diff_symbols *diff_symbols_read(int fd);
void diff_symbols_count(struct diff_symbols *symbols, uint64_t address, uint64_t bytes);
void diff_symbols_take(struct diff_symbols *symbols, struct diff_region *region);
void diff_symbols_free(struct diff_symbols *symbols);

/* diff_print.c, diff_json.c */
void diff_print(const struct diff *diff);
int diff_print_json(const struct diff *diff); /* 0, or -1 after a message on stderr */

#endif
