/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values that the JSON of several verbs has.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/report.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "cli/info.h"
#include "cli/json.h"

void json_begin(void)
{
	/* jansson would leave out values that it has no memory for. */
	json_set_alloc_funcs(xmalloc, free);
}

int json_print(json_t *json, const char *path)
{
	int result = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

	json_decref(json);
	if (result == 0)
		putchar('\n');
	else
		report_line(path, UNEXEC_ERROR, "the JSON cannot be written");
	return result;
}

json_t *name_json(const char *name)
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

json_t *hex_json(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *region_json(const struct region *region)
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
