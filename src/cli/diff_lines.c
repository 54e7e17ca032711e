/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff`: all that is not memory. Each dump describes itself as text, one thing a line, so
 * the difference is the lines that only one of them has.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/diff.h"

struct lines {
	struct diff_line *list;
	size_t count, room;
};

/* Memory, and words that follow from it, are compared elsewhere. */
static bool is_about_memory(const char *line)
{
	static const char *const words[] = { "region ", "  data ", "fixup ", "#", "end" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

static struct lines split_lines(const struct info *info, int side)
{
	const char *at = info->text, *end = info->text + info->text_length, *next;
	struct lines lines = { 0 };

	for (; at < end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		next = newline ? newline + 1 : end;
		if (is_about_memory(at))
			continue;
		xgrow(lines.list, lines.count, lines.room);
		lines.list[lines.count++] = (struct diff_line){
			at, (size_t)((newline ? newline : end) - at), side };
	}
	return lines;
}

static bool has_line(const struct lines *lines, const struct diff_line *line)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->list[i].length == line->length
		    && !memcmp(lines->list[i].text, line->text, line->length))
			return true;
	return false;
}

void diff_lines(struct diff *diff)
{
	struct lines lines[2];

	for (int i = 0; i < 2; i++)
		lines[i] = split_lines(&diff->sides[i].info, i);
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; j < lines[i].count; j++)
			if (!has_line(&lines[!i], &lines[i].list[j])) {
				xgrow(diff->lines, diff->line_count, diff->line_room);
				diff->lines[diff->line_count++] = lines[i].list[j];
			}
	free(lines[0].list);
	free(lines[1].list);
}
