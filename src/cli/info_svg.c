/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info --svg`: a picture of what takes the space in a dump.
 *
 *   libraries  ██████▌███▌██   3.1M, 1.2M zeros      a box a region, with its name when the
 *              ▂▂▂▂                                  mouse is over it; below it the part that
 *                                                    starts prefault
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "cli/info.h"
#include "cli/output.h"

#define BARS_LEFT 150
#define BARS_WIDTH 600
#define PICTURE_WIDTH 960
#define TOP 84
#define ROW 40
#define BAR_HEIGHT 20

enum share { SHARE_PROGRAM, SHARE_LIBRARY, SHARE_FILE, SHARE_HEAP, SHARE_ANONYMOUS, SHARE_STACK,
	     SHARE_SHARED, SHARE_ADDED, SHARES };

static const struct {
	const char *title, *color;
} shares[SHARES] = {
	[SHARE_PROGRAM] = { "program", "#1b6ca8" },
	[SHARE_LIBRARY] = { "libraries", "#3a9d5d" },
	[SHARE_FILE] = { "other files", "#7a8f3c" },
	[SHARE_HEAP] = { "heap", "#c8553d" },
	[SHARE_ANONYMOUS] = { "other memory", "#d98e32" },
	[SHARE_STACK] = { "main stack", "#8a5a9e" },
	[SHARE_SHARED] = { "shared memory", "#a23e6c" },
	[SHARE_ADDED] = { "added by unexec", "#667178" },
};

struct picture {
	const struct info *info;
	FILE *stream;
	uint64_t content[SHARES], zeros[SHARES], most;
};

/* A library is a file of which some part is code. */
static bool has_code(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->region_count; i++)
		if (image->regions[i].prot & PROT_EXEC && !strcmp(image->regions[i].name, name))
			return true;
	return false;
}

static enum share share_of(const struct image *image, const struct region *region)
{
	if (region->flags & REGION_SHARED || region->origin == ORIGIN_MEMFD)
		return SHARE_SHARED;
	if (region->name[0] == '/' && !strcmp(region->name, image->program))
		return SHARE_PROGRAM;
	if (region->name[0] == '/')
		return has_code(image, region->name) ? SHARE_LIBRARY : SHARE_FILE;
	if (region->flags & REGION_GROWSDOWN)
		return SHARE_STACK;
	if (region->origin == ORIGIN_HEAP)
		return SHARE_HEAP;
	return region->origin == ORIGIN_ANONYMOUS ? SHARE_ANONYMOUS : SHARE_ADDED;
}

static void add_up(struct picture *picture)
{
	const struct image *image = picture->info->image;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];
		enum share share = share_of(image, region);
		uint64_t content = info_data_size(region);

		picture->content[share] += content;
		picture->zeros[share] += range_length(region->range) - content;
	}
	for (int i = 0; i < SHARES; i++)
		if (picture->content[i] > picture->most)
			picture->most = picture->content[i];
}

static void print_escaped(FILE *stream, const char *name)
{
	char *escaped = words_escape(name);

	for (const char *at = escaped; *at; at++)
		if (*at == '&')
			fputs("&amp;", stream);
		else if (*at == '<')
			fputs("&lt;", stream);
		else
			putc(*at, stream);
	free(escaped);
}

/* Bytes of the region that each start prefaults, and that it may. */
static uint64_t prefaulted(const struct info *info, const struct region *region)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; info->plan && i < info->plan->prefault.count; i++) {
		struct range run = info_prefault_run(info, i);
		uint64_t start = run.start > region->range.start ? run.start : region->range.start;
		uint64_t end = run.end < region->range.end ? run.end : region->range.end;

		bytes += start < end ? end - start : 0;
	}
	return bytes;
}

static double scaled(const struct picture *picture, uint64_t bytes)
{
	return picture->most ? (double)bytes / (double)picture->most * BARS_WIDTH : 0;
}

static void draw_region(const struct picture *picture, const struct region *region, double left,
			double top, const char *color)
{
	uint64_t content = info_data_size(region), hot = prefaulted(picture->info, region);
	char size[INFO_SIZE_ROOM], ready[INFO_SIZE_ROOM];
	FILE *stream = picture->stream;

	fprintf(stream, "<g><rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" fill=\"%s\" "
		"stroke=\"#fff\" stroke-width=\".4\"/>", left, top, scaled(picture, content),
		BAR_HEIGHT, color);
	if (hot)
		fprintf(stream, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"4\" "
			"fill=\"#222\"/>", left, top + BAR_HEIGHT + 1,
			scaled(picture, hot < content ? hot : content));
	fputs("<title>", stream);
	print_escaped(stream, *region->name ? region->name : "anonymous");
	fprintf(stream, "\n%" PRIx64 "-%" PRIx64 " %c%c%c\n%s of content, %s prefaulted"
		"</title></g>\n", region->range.start, region->range.end,
		region->prot & PROT_READ ? 'r' : '-', region->prot & PROT_WRITE ? 'w' : '-',
		region->prot & PROT_EXEC ? 'x' : '-', info_human(content, size),
		info_human(hot, ready));
}

static void draw_share(const struct picture *picture, enum share share, double top)
{
	const struct image *image = picture->info->image;
	char content[INFO_SIZE_ROOM], zeros[INFO_SIZE_ROOM];
	double left = BARS_LEFT;

	fprintf(picture->stream, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		BARS_LEFT - 10, top + 15, shares[share].title);
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (share_of(image, region) != share || !region->data_count)
			continue;
		draw_region(picture, region, left, top, shares[share].color);
		left += scaled(picture, info_data_size(region));
	}
	fprintf(picture->stream, "<text x=\"%.1f\" y=\"%.1f\">%s<tspan fill=\"#666\">, %s zeros"
		"</tspan></text>\n", left + 8, top + 15,
		info_human(picture->content[share], content), info_human(picture->zeros[share], zeros));
}

static void draw_head(const struct picture *picture, int rows)
{
	const struct info *info = picture->info;
	char file[INFO_SIZE_ROOM], memory[INFO_SIZE_ROOM], content[INFO_SIZE_ROOM];
	FILE *stream = picture->stream;

	fprintf(stream, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		"font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"20\" y=\"30\" font-size=\"17\" font-weight=\"bold\">",
		PICTURE_WIDTH, TOP + rows * ROW + 30);
	print_escaped(stream, info->path);
	fputs("</text>\n<text x=\"20\" y=\"52\">dump of ", stream);
	print_escaped(stream, info->image->program);
	fprintf(stream, ": %s of memory, %s with content; file %s, %zu thread%s, %zu regions"
		"</text>\n", info_human(info->memory_size, memory),
		info_human(info->data_size, content), info_human(info->disk_usage, file),
		info->image->thread_count, info->image->thread_count == 1 ? "" : "s",
		info->image->region_count);
	fprintf(stream, "<rect x=\"20\" y=\"%d\" width=\"24\" height=\"4\" fill=\"#222\"/>"
		"<text x=\"50\" y=\"%d\" fill=\"#666\">prefaulted at the start, or where faults "
		"are dear</text>\n", TOP + rows * ROW + 6, TOP + rows * ROW + 13);
}

static int count_rows(const struct picture *picture)
{
	int rows = 0;

	for (int i = 0; i < SHARES; i++)
		rows += picture->content[i] || picture->zeros[i];
	return rows;
}

static void draw(struct picture *picture)
{
	int row = 0;

	add_up(picture);
	draw_head(picture, count_rows(picture));
	for (int i = 0; i < SHARES; i++)
		if (picture->content[i] || picture->zeros[i])
			draw_share(picture, i, TOP + ROW * row++);
	fputs("</svg>\n", picture->stream);
}

static int write_picture(const char *path, const char *text, size_t length)
{
	struct report report = { .sink = report_to_stderr, .context = (void *)path };
	struct output output;
	int failed = output_open(&output, path, &report);

	output.plain = true;
	if (!failed && io_write_at(output.fd, text, length, 0)) {
		report_errno(&report, WRITE, "cannot write it");
		failed = -1;
	}
	if (!failed)
		failed = output_commit(&output, &report);
	output_close(&output);
	return failed;
}

int info_draw(const struct info *info, const char *path)
{
	struct picture picture = { .info = info };
	size_t length = 0;
	char *text = NULL;
	int failed;

	picture.stream = open_memstream(&text, &length);
	if (picture.stream)
		draw(&picture);
	if (!picture.stream || fclose(picture.stream) || !text) {
		report_line(path, UNEXEC_ERROR, "no memory for the picture");
		free(text);
		return -1;
	}
	/* main() reports errors of standard output. */
	failed = 0;
	if (strcmp(path, "-"))
		failed = write_picture(path, text, length);
	else
		fwrite(text, 1, length, stdout);
	free(text);
	return failed;
}
