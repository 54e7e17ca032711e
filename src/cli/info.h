/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info`: info.c reads a dump with info_read.c and prints it with info_print.c,
 * info_json.c or info_svg.c.
 */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "image/image.h"

/* A file that the process had mapped. */
struct info_mapped {
	const char *path;
	uint64_t size, data_size; /* mapped bytes; bytes of content in the dump */
	bool at_start;            /* the dump maps the file when it starts */
};

struct info {
	const char *path;
	struct image *image;
	char *text; /* the image's text, as the dump contains it */
	size_t text_length;
	struct plan *plan; /* NULL: of another version */
	uint64_t file_size, disk_usage;
	uint64_t entry;
	uint64_t segment_count, segment_size; /* PT_LOADs, and their bytes in the file */
	uint64_t memory_size, data_size;      /* bytes of all regions; those with content */
	struct info_mapped *mapped;           /* in the order of addresses */
	size_t mapped_count, mapped_room;
};

/* info_read.c: reads the dump at info->path. 0, or -1 after a message on stderr. */
int info_read(struct info *info);
void info_free(struct info *info);
uint64_t info_data_size(const struct region *region);
/* ARCH_NAME, or "machine 1234" for a machine without a name here. The next call overwrites it. */
const char *info_machine_name(uint32_t machine);
/* The name of what a kind of plan_file creates: "pipe", …. */
const char *info_kind(uint32_t kind);
/* "read", "write" or "read and write". */
const char *info_access(uint32_t flags);

/* "980", "1.4M", "27G". Returns `text`. */
#define INFO_SIZE_ROOM 16
const char *info_human(uint64_t size, char text[INFO_SIZE_ROOM]);

/* A run of pages that starts prefault, of info->plan->prefault.count. */
struct range info_prefault_run(const struct info *info, uint32_t index);
/* The arguments of run number `index` by which the dump was tuned: *ret_length bytes. NULL: there
 * are fewer runs. */
const char *info_tuning(const struct info *info, size_t index, size_t *ret_length);
/* The number of pages in runs `first` to `end` (exclusive) that starts prefault. */
uint64_t info_prefault_pages(const struct info *info, uint32_t first, uint32_t end);

/* info_print.c, info_json.c, info_svg.c. */
void info_print(const struct info *info);
int info_print_json(const struct info *info); /* 0, or -1 after a message on stderr */

/* Writes an SVG to the file `path`, or to standard output if it is "-". 0, or -1 after a message. */
int info_draw(const struct info *info, const char *path);

#endif
