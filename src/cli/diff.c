/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff`: shows where two dumps differ.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "cli/cli.h"
#include "cli/diff.h"

/* The exit statuses of cmp(1) and diff(1). */
enum { DIFF_SAME = 0, DIFF_DIFFERENT = 1, DIFF_TROUBLE = 2 };

static const struct cli_option diff_options[] = {
	{ "json", 0, NULL, NULL, "print JSON, with sizes in bytes", options_take_flag, 0 },
	{ .name = NULL },
};

static int open_side(struct diff_side *side, const char *path)
{
	struct report report = { .sink = report_to_stderr, .context = (void *)path };

	side->info.path = path;
	side->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (side->fd < 0) {
		report_line(path, UNEXEC_ERROR, "%s", strerror(errno));
		return -1;
	}
	if (info_read(&side->info))
		return -1;
	side->memory = dump_memory_open(side->fd, side->info.image, &report);
	return side->memory ? 0 : -1;
}

static int check_sides(const struct diff *diff)
{
	const struct image *a = diff->sides[0].info.image, *b = diff->sides[1].info.image;

	if (a->machine == b->machine && a->page_size == b->page_size)
		return 0;
	report_line(diff->sides[1].info.path, UNEXEC_ERROR,
		    "it is for another machine or page size than %s", diff->sides[0].info.path);
	return -1;
}

static int compare_dumps(struct diff *diff, bool json)
{
	if (check_sides(diff) || diff_memory(diff))
		return DIFF_TROUBLE;
	diff_lines(diff);
	if (!json)
		diff_print(diff);
	else if (diff_print_json(diff))
		return DIFF_TROUBLE;
	if (fflush(stdout) || ferror(stdout)) {
		report_line(NULL, UNEXEC_ERROR, "standard output: %s", strerror(errno));
		return DIFF_TROUBLE;
	}
	return diff->region_count || diff->line_count ? DIFF_DIFFERENT : DIFF_SAME;
}

static int run_diff(int argc, char **argv)
{
	struct diff diff = { .sides = { { .fd = -1 }, { .fd = -1 } } };
	int status = DIFF_TROUBLE;
	bool json = false;

	if (!options_parse(&cli_diff, &json, &argc, &argv, &status))
		return status;
	if (!open_side(&diff.sides[0], argv[0]) && !open_side(&diff.sides[1], argv[1]))
		status = compare_dumps(&diff, json);
	else
		status = DIFF_TROUBLE;
	diff_free_memory(&diff);
	free(diff.lines);
	for (int i = 0; i < 2; i++) {
		dump_memory_close(diff.sides[i].memory);
		info_free(&diff.sides[i].info);
		if (diff.sides[i].fd >= 0)
			close(diff.sides[i].fd);
	}
	return status;
}

const struct cli_verb cli_diff = {
	.name = "diff",
	.summary = "show where two dumps differ",
	.usage = "FILE FILE",
	.description = "Shows the regions and pages of memory in which two dumps differ, with the\n"
		       "names of variables where they are known, and what else differs.\n",
	.notes = "Exit status: 0 if the dumps are the same, 1 if they differ, 2 on trouble.\n",
	.operand = "FILE",
	.operands = 2,
	.options = diff_options,
	.run = run_diff,
};
