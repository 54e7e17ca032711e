/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info --json`.
 */
#include "cli/info.h"
#include "cli/json.h"

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
	if (plan_makes_object(plan->kind))
		json_object_set_new(json, "size", json_integer((json_int_t)plan->memory.size));
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

/* A string for each run: its arguments. */
static json_t *tunings_json(const struct info *info)
{
	json_t *list = json_array();
	const char *words;
	size_t length;

	for (size_t i = 0; (words = info_tuning(info, i, &length)); i++)
		json_array_append_new(list, json_stringn(words, length));
	return list;
}

static json_t *prefault_json(const struct info *info)
{
	uint32_t sure, all;

	if (!info->plan)
		return json_null();
	sure = info->plan->prefault_sure;
	all = info->plan->prefault.count;
	return json_pack("{s:o s:I s:I}",
			 "tuned", tunings_json(info),
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
	json_begin();
	return json_print(info_json(info), info->path);
}
