/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info --json`. Addresses, masks and flags are strings ("0x…"), since many JSON
 * readers do not keep 64 bits of a number; sizes are numbers of bytes. A name that is not UTF-8
 * has \xNN for its bytes, as in the text view.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/info.h"
#include "base/report.h"
#include "base/words.h"
#include "base/xalloc.h"

static json_t *name_json(const char *name)
{
	json_t *string = json_string(name);
	char *escaped;

	if (string)
		return string;
	escaped = words_escape(name);
	string = json_string(escaped);
	free(escaped);
	return string;
}

static json_t *hex_json(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

static json_t *region_json(const struct region *region)
{
	char prot[4] = {
		region->prot & PROT_READ ? 'r' : '-', region->prot & PROT_WRITE ? 'w' : '-',
		region->prot & PROT_EXEC ? 'x' : '-', '\0',
	};
	uint64_t size = range_length(region->range), data = info_data_size(region);

	return json_pack("{s:o s:o s:s s:b s:b s:b s:I s:I s:I s:o s:o}",
			 "start", hex_json(region->range.start),
			 "end", hex_json(region->range.end),
			 "protection", prot,
			 "shared", !!(region->flags & REGION_SHARED),
			 "stack", !!(region->flags & REGION_GROWSDOWN),
			 "reopened", !!(region->flags & REGION_REOPEN),
			 "size", (json_int_t)size,
			 "content", (json_int_t)data,
			 "zeros", (json_int_t)(size - data),
			 "offset", hex_json(region->offset),
			 "origin", name_json(region->name));
}

static json_t *regions_json(const struct image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; i < image->region_count; i++)
		json_array_append_new(list, region_json(&image->regions[i]));
	return list;
}

static json_t *mapped_json(const struct info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->mapped_count; i++) {
		const struct info_mapped *mapped = &info->mapped[i];

		json_array_append_new(list, json_pack("{s:o s:I s:I s:b}",
						      "path", name_json(mapped->path),
						      "size", (json_int_t)mapped->size,
						      "content", (json_int_t)mapped->data_size,
						      "at_start", mapped->at_start));
	}
	return list;
}

static json_t *threads_json(const struct image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; i < image->thread_count; i++)
		json_array_append_new(list, json_pack("{s:o}", "name",
						      name_json(image->thread_names[i])));
	return list;
}

static json_t *signals_json(const struct image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; i < image->signal_count; i++) {
		const struct plan_signal *signal = &image->signals[i];

		if (signal->handler)
			json_array_append_new(
				list, json_pack("{s:i s:b s:o s:o s:o}",
						"number", (int)signal->number,
						"ignored", signal->handler == 1,
						"handler", hex_json(signal->handler),
						"flags", hex_json(signal->flags),
						"mask", hex_json(signal->mask)));
	}
	return list;
}

/* "other" is the other end, or the descriptor that this one duplicates. */
static json_t *file_json(const struct image_file *file)
{
	const struct plan_file *plan = &file->plan;
	json_t *json = json_pack("{s:i s:s s:s s:o s:o}",
				 "number", (int)plan->number,
				 "kind", info_kind(plan->kind),
				 "access", info_access(plan->flags),
				 "flags", hex_json(plan->flags),
				 "path", name_json(file->path));

	if (plan->offset != PLAN_NO_OFFSET)
		json_object_set_new(json, "offset", json_integer((json_int_t)plan->offset));
	if (plan->other)
		json_object_set_new(json, "other", json_integer(plan->other));
	return json;
}

static json_t *files_json(const struct image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; i < image->file_count; i++) {
		const struct image_file *file = &image->files[i];

		if (plan_makes_descriptor(&file->plan))
			json_array_append_new(list, file_json(file));
	}
	return list;
}

static json_t *needs_json(const struct image *image)
{
	json_t *features = json_array();

	for (size_t i = 0; i < image->need_count; i++)
		json_array_append_new(features, name_json(image->needs[i]));
	return json_pack("{s:s s:I s:o}",
			 "machine", info_machine_name(image->machine),
			 "page_size", (json_int_t)image->page_size,
			 "features", features);
}

static json_t *prefault_json(const struct info *info)
{
	uint32_t sure, all;

	if (!info->plan)
		return json_null();
	sure = info->plan->prefault_sure;
	all = info->plan->prefault.count;
	return json_pack("{s:I s:I}",
			 "pages", (json_int_t)info_prefault_pages(info, 0, sure),
			 "where_faults_are_dear", (json_int_t)info_prefault_pages(info, sure, all));
}

static json_t *info_json(const struct info *info)
{
	const struct image *image = info->image;

	return json_pack("{s:o s:o s:I s:o s:I s:I s:{s:I s:I} s:{s:I s:I s:I s:b}"
			 " s:o s:o s:o s:o s:o s:o s:o}",
			 "file", name_json(info->path),
			 "program", name_json(image->program),
			 "generation", (json_int_t)image->generation,
			 "entry", hex_json(info->entry),
			 "file_size", (json_int_t)info->file_size,
			 "disk_usage", (json_int_t)info->disk_usage,
			 "segments",
				"count", (json_int_t)info->segment_count,
				"size", (json_int_t)info->segment_size,
			 "memory",
				"size", (json_int_t)info->memory_size,
				"content", (json_int_t)info->data_size,
				"zeros", (json_int_t)(info->memory_size - info->data_size),
				"copied", image->memory == IMAGE_MEMORY_COPY,
			 "prefault", prefault_json(info),
			 "needs", needs_json(image),
			 "regions", regions_json(image),
			 "mapped_files", mapped_json(info),
			 "threads", threads_json(image),
			 "signals", signals_json(image),
			 "descriptors", files_json(image));
}

int info_print_json(const struct info *info)
{
	json_t *json;
	int result = -1;

	/* jansson would leave out values that it has no memory for. */
	json_set_alloc_funcs(xmalloc, free);
	json = info_json(info);
	if (json)
		result = json_dumpf(json, stdout, JSON_INDENT(2));
	json_decref(json);
	if (result == 0)
		putchar('\n');
	else
		report_line(info->path, UNEXEC_ERROR, "the JSON cannot be written");
	return result;
}
