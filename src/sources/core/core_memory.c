/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of a core: the sources of its bytes.
 *
 *   segments  (PT_LOAD)  |  code   |data|      |  heap   |   | stack |
 *   files     (NT_FILE)  |    a file    | b |
 *   in the core          |##       |####|      |#########|   |#######|
 *   pieces               |  1      | 2  | 3 |  |    4    |   |   5   |
 *
 * The kernel's cores have a segment for each mapping, even if its bytes are left out. gdb's cores
 * have none for memory that is unchanged from its file, so that only NT_FILE lists it (3).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch_address_space.h"
#include "sources/core/core.h"
#include "base/bytes.h"
#include "base/io.h"
#include "base/path.h"
#include "base/xalloc.h"

/* ---- Pieces ---------------------------------------------------------------------------- */

static void add_piece(struct core *core, struct range range, const struct core_segment *segment,
		      const struct core_mapping *mapping, size_t file)
{
	struct core_piece piece = { .range = range, .file = file,
				    .only_in_notes = !segment };

	if (segment) {
		uint64_t skip = range.start - segment->range.start;
		uint64_t left = skip < segment->length ? segment->length - skip : 0;
		uint64_t length = range_length(range);

		piece.prot = segment->prot;
		piece.saved = segment->offset + skip;
		piece.saved_length = left < length ? left : length;
	}
	if (mapping)
		piece.file_offset = mapping->offset + (range.start - mapping->range.start);
	xgrow(core->pieces, core->piece_count, core->piece_room);
	core->pieces[core->piece_count++] = piece;
}

/* Returns the next address after `at` at which a range begins or ends. */
static uint64_t next_border(const struct range *range, uint64_t at)
{
	if (!range)
		return UINT64_MAX;
	return range->start > at ? range->start : range->end;
}

/* The kernel has memory of its own above a program's highest address: [vsyscall]. */
static bool is_beyond(uint64_t address)
{
	return address >= ARCH_USER_END;
}

/* Both lists are sorted; within a list, ranges do not overlap. */
static void cut(struct core *core, const struct core_segment *segments, size_t count,
		const size_t *files)
{
	const struct core_mapping *mappings = core->notes.mappings;
	size_t i = 0, j = 0;

	for (uint64_t at = 0, end; !is_beyond(at); at = end) {
		const struct core_segment *segment;
		const struct core_mapping *mapping;
		uint64_t a, b;

		while (i < count && segments[i].range.end <= at)
			i++;
		while (j < core->notes.mapping_count && mappings[j].range.end <= at)
			j++;
		segment = i < count ? &segments[i] : NULL;
		mapping = j < core->notes.mapping_count ? &mappings[j] : NULL;
		a = next_border(segment ? &segment->range : NULL, at);
		b = next_border(mapping ? &mapping->range : NULL, at);
		end = a < b ? a : b;
		if (segment && segment->range.start > at)
			segment = NULL;
		if (mapping && mapping->range.start > at)
			mapping = NULL;
		if (segment || mapping)
			add_piece(core, (struct range){ at, end }, segment, mapping,
				  mapping ? files[j] : CORE_NO_FILE);
	}
}

/* ---- Files by their names -------------------------------------------------------------- */

static int compare_paths(const void *a, const void *b)
{
	const struct core_mapping *x = *(struct core_mapping *const *)a;
	const struct core_mapping *y = *(struct core_mapping *const *)b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x > y) - (x < y);
}

static void add_file(struct core *core, const struct core_mapping *mapping)
{
	xgrow(core->files, core->file_count, core->file_room);
	core->files[core->file_count++] = (struct core_file){
		.path = xstrdup(mapping->path), .base = UINT64_MAX, .fd = -1,
		.first = mapping->range.start,
	};
}

/* Makes core->files, with each file once. Returns the index of each mapping's file. */
static size_t *number_files(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	const struct core_mapping **sorted = xcalloc(notes->mapping_count, sizeof(*sorted));
	size_t *files = xcalloc(notes->mapping_count, sizeof(*files));

	for (size_t i = 0; i < notes->mapping_count; i++)
		sorted[i] = &notes->mappings[i];
	if (notes->mapping_count)
		qsort(sorted, notes->mapping_count, sizeof(*sorted), compare_paths);
	for (size_t i = 0; i < notes->mapping_count; i++) {
		struct core_file *file;

		if (!i || strcmp(sorted[i]->path, sorted[i - 1]->path))
			add_file(core, sorted[i]);
		files[sorted[i] - notes->mappings] = core->file_count - 1;
		file = &core->files[core->file_count - 1];
		if (!sorted[i]->offset && file->base == UINT64_MAX)
			file->base = sorted[i]->range.start;
	}
	free(sorted);
	return files;
}

static int check_mappings(const struct core *core)
{
	uint64_t unit = core->capture.image->page_size;

	for (size_t i = 0; i < core->notes.mapping_count; i++) {
		const struct core_mapping *mapping = &core->notes.mappings[i];

		if (mapping->range.start % unit || mapping->range.end % unit
		    || mapping->offset % unit) {
			report_error(core->report, FORMAT,
				     "the core is damaged: a mapped file (NT_FILE) has an "
				     "impossible address or offset");
			return -1;
		}
	}
	return 0;
}

int core_make_pieces(struct core *core, struct core_segment *segments, size_t count)
{
	size_t *files;

	if (check_mappings(core))
		return -1;
	files = number_files(core);
	cut(core, segments, count, files);
	free(files);
	if (core->piece_count && !is_beyond(core->pieces[core->piece_count - 1].range.end - 1))
		return 0;
	report_error(core->report, FORMAT,
		     "the core is damaged: its memory is at addresses that no process has");
	return -1;
}

/* ---- Reading --------------------------------------------------------------------------- */

struct core_piece *core_find_piece(const struct core *core, uint64_t address)
{
	size_t low = 0, high = core->piece_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (core->pieces[middle].range.end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == core->piece_count || core->pieces[low].range.start > address)
		return NULL;
	return &core->pieces[low];
}

/* The bytes after the end of the file are zero. */
static int read_file(int fd, uint64_t offset, unsigned char *buffer, size_t length)
{
	ssize_t got = io_read_some(fd, buffer, length, offset);

	if (got < 0)
		return -1;
	memset(buffer + got, 0, length - (size_t)got);
	return 0;
}

/* Reads bytes of one kind. Returns their number, or -1 with errno. */
static int64_t read_run(const struct core *core, const struct core_piece *piece,
			uint64_t address, unsigned char *buffer, size_t length)
{
	uint64_t skip = address - piece->range.start, left = range_length(piece->range) - skip;
	const struct core_file *file = piece->file == CORE_NO_FILE ? NULL
								   : &core->files[piece->file];
	int failed = 0;

	if (skip < piece->saved_length)
		left = piece->saved_length - skip;
	if (length > left)
		length = left;
	if (skip < piece->saved_length)
		failed = read_file(core->fd, piece->saved + skip, buffer, length);
	else if (file && file->fd >= 0)
		failed = read_file(file->fd, piece->file_offset + skip, buffer, length);
	else
		memset(buffer, 0, length);
	return failed ? -1 : (int64_t)length;
}

int core_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	const struct core *core = (const struct core *)capture;
	unsigned char *to = buffer;

	while (length) {
		const struct core_piece *piece = core_find_piece(core, address);
		int64_t got = (int64_t)length;

		if (piece) {
			got = read_run(core, piece, address, to, length);
			if (got < 0) {
				capture->failed = errno;
				return -1;
			}
		} else {
			/* Regions that this dump has added have patches only. */
			if (!image_find(capture->image, address)) {
				errno = EFAULT;
				return -1;
			}
			got = capture->image->page_size - address % capture->image->page_size;
			if ((uint64_t)got > length)
				got = (int64_t)length;
			memset(to, 0, (size_t)got);
		}
		to += got;
		address += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

int core_read_saved(struct core *core, uint64_t address, void *buffer, size_t length)
{
	const struct core_piece *piece = core_find_piece(core, address);
	uint64_t skip = piece ? address - piece->range.start : 0;

	if (!piece || skip > piece->saved_length || length > piece->saved_length - skip)
		return -1;
	if (!read_file(core->fd, piece->saved + skip, buffer, length))
		return 0;
	core->capture.failed = errno;
	return -1;
}

/* ---- Regions --------------------------------------------------------------------------- */

static bool is_zero_page(const struct core *core, const struct core_piece *piece, uint64_t at,
			 unsigned char *page)
{
	uint32_t size = core->capture.image->page_size;

	return read_run(core, piece, at, page, size) == size && bytes_are_zero(page, size);
}

/* Holes in a core are pages that the process did not have: the kernel seeks over them. */
static void add_saved_data(const struct core *core, const struct core_piece *piece,
			   struct region *region)
{
	uint64_t unit = core->capture.image->page_size;
	uint64_t end = piece->saved + piece->saved_length;
	uint64_t bias = piece->range.start - piece->saved, added = piece->range.start;

	for (uint64_t at = piece->saved; at < end;) {
		off_t data = lseek(core->fd, (off_t)at, SEEK_DATA);
		off_t hole = data < 0 ? data : lseek(core->fd, data, SEEK_HOLE);
		struct range range;

		if (data < 0 && errno == ENXIO)
			return; /* only holes up to the end */
		if (data < 0 || hole < 0) { /* the file system does not report holes */
			data = (off_t)at;
			hole = (off_t)end;
		}
		if ((uint64_t)data >= end)
			return;
		if ((uint64_t)hole > end)
			hole = (off_t)end;
		range = (struct range){ align_down((uint64_t)data + bias, unit),
					align_up((uint64_t)hole + bias, unit) };
		if (range.start < added) /* a page that is partly a hole */
			range.start = added;
		if (range.start < range.end)
			region_add_data(region, range);
		added = range.end > added ? range.end : added;
		at = (uint64_t)hole;
	}
}

/* A stack is copied at each start, so pages of zeros are left out. */
static void keep_content(const struct core *core, const struct core_piece *piece,
			 struct region *region)
{
	uint32_t size = core->capture.image->page_size;
	unsigned char *page = xmalloc(size);
	struct region saved = *region;

	region->data = NULL;
	region->data_count = region->data_room = 0;
	for (size_t i = 0; i < saved.data_count; i++)
		for (uint64_t at = saved.data[i].start; at < saved.data[i].end; at += size)
			if (!is_zero_page(core, piece, at, page))
				region_add_data(region, (struct range){ at, at + size });
	free(saved.data);
	free(page);
}

/* Returns whether this is shared memory without a file: anonymous, System V's, a memfd. A core
 * does not record whether a memfd was shared, but memfds are made to be. */
static bool is_shared_memory(const struct core *core, const struct core_piece *piece)
{
	const char *path = core->files[piece->file].path;

	return piece->saved_length && path_is_deleted(path)
	       && (path_begins(path, "/dev/zero") || path_begins(path, "/SYSV")
		   || path_begins(path, "/memfd:") || path_begins(path, "/dev/shm/"));
}

static void warn(struct core *core, const struct core_piece *piece, const char *name,
		 const char *what)
{
	report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_SHARED, 0, piece->range.start,
		   piece->range.end, "%s at %#lx-%#lx %s", name,
		   (unsigned long)piece->range.start, (unsigned long)piece->range.end, what);
}

static void add_piece_region(struct core *core, const struct core_piece *piece)
{
	const char *name = piece->name ? piece->name : "";
	uint64_t saved_end = piece->range.start + piece->saved_length;
	struct region *region;
	uint32_t flags = piece->stack ? REGION_GROWSDOWN : 0;

	if (piece->file != CORE_NO_FILE) {
		name = core->files[piece->file].path;
		if (is_shared_memory(core, piece)) {
			flags |= REGION_SHARED;
			warn(core, piece, name, "was shared memory; the dump has a copy of its own");
		} else if (!piece->saved_length && piece->prot & PROT_WRITE) {
			warn(core, piece, name, "has the file's present content; if it was "
						"shared, writes to it stay in the dump");
		}
	}
	region = image_add_region(core->capture.image, piece->range, piece->prot, flags,
				  piece->file_offset, name);
	add_saved_data(core, piece, region);
	if (piece->stack)
		keep_content(core, piece, region);
	if (piece->file != CORE_NO_FILE && saved_end < piece->range.end && piece->prot) {
		uint64_t unit = core->capture.image->page_size;

		saved_end = align_up(saved_end, unit);
		if (saved_end < piece->range.end)
			region_add_data(region, (struct range){ saved_end, piece->range.end });
	}
}

void core_add_regions(struct core *core)
{
	uint64_t zeros = 0;

	for (size_t i = 0; i < core->piece_count; i++) {
		const struct core_piece *piece = &core->pieces[i];

		if (piece->kernels_own)
			continue;
		add_piece_region(core, piece);
		if (piece->file == CORE_NO_FILE && !piece->saved_length && piece->prot)
			zeros += range_length(piece->range);
	}
	if (zeros)
		report_add(core->report, UNEXEC_NOTE, UNEXEC_CODE_CORE, 0, 0, 0,
			   "%llu KB of memory are not in the core and are zero: they were "
			   "never written to, or are excluded from cores (MADV_DONTDUMP)",
			   (unsigned long long)zeros >> 10);
}
