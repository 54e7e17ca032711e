/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff --json`. Addresses are strings, sizes are numbers, as in `unexec info --json`.
 */
#include "cli/diff.h"
#include "cli/json.h"

static json_t *symbols_json(const struct diff_region *region)
{
	json_t *list = json_array();

	for (size_t i = 0; i < region->symbol_count; i++)
		json_array_append_new(
			list, json_pack("{s:o s:o s:I}", "name", name_json(region->symbols[i].name),
					"address", hex_json(region->symbols[i].address),
					"bytes", (json_int_t)region->symbols[i].bytes));
	return list;
}

static json_t *diff_region_json(const struct diff_region *region)
{
	const struct region *any = region->regions[!region->regions[0]];
	json_t *json = json_pack("{s:o s:I s:I s:o}", "origin", name_json(any->name),
				 "pages", (json_int_t)region->pages,
				 "bytes", (json_int_t)region->bytes,
				 "symbols", symbols_json(region));

	for (int i = 0; i < 2; i++)
		if (region->regions[i])
			json_object_set_new(json, i ? "second" : "first",
					    region_json(region->regions[i]));
	return json;
}

static json_t *lines_json(const struct diff *diff, int side)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->line_count; i++)
		if (diff->lines[i].side == side)
			json_array_append_new(list, json_stringn(diff->lines[i].text,
								 diff->lines[i].length));
	return list;
}

int diff_print_json(const struct diff *diff)
{
	json_t *regions, *json;

	json_begin();
	regions = json_array();
	for (size_t i = 0; i < diff->region_count; i++)
		json_array_append_new(regions, diff_region_json(&diff->regions[i]));
	json = json_pack("{s:o s:o s:{s:I s:I} s:o s:{s:o s:o}}",
			 "first", name_json(diff->sides[0].info.path),
			 "second", name_json(diff->sides[1].info.path),
			 "pages",
				"different", (json_int_t)diff->pages,
				"same", (json_int_t)diff->same_pages,
			 "regions", regions,
			 "other_state",
				"first", lines_json(diff, 0),
				"second", lines_json(diff, 1));
	return json_print(json, diff->sides[0].info.path);
}
