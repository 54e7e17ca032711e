/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info`: shows what a dump contains.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/info.h"

enum info_format { INFO_REPORT, INFO_JSON, INFO_TEXT };

static int take_json(void *format, const char *argument, struct report *report)
{
	(void)argument;
	(void)report;
	*(enum info_format *)format = INFO_JSON;
	return 0;
}

static int take_text(void *format, const char *argument, struct report *report)
{
	(void)argument;
	(void)report;
	*(enum info_format *)format = INFO_TEXT;
	return 0;
}

static const struct cli_option info_options[] = {
	{ "json", 0, NULL, NULL, "print JSON, with sizes in bytes", take_json, 0 },
	{ "text", 0, NULL, NULL, "print the description that the dump itself contains",
	  take_text, 0 },
	{ .name = NULL },
};

static int show_info(const struct info *info, enum info_format format)
{
	if (format == INFO_JSON)
		return info_print_json(info);
	if (format == INFO_TEXT)
		fwrite(info->text, 1, info->text_length, stdout);
	else
		info_print(info);
	return 0;
}

static int run_info(int argc, char **argv)
{
	enum info_format format = INFO_REPORT;
	struct info info = { 0 };
	int failed, status;

	if (!options_parse(&cli_info, &format, &argc, &argv, &status))
		return status;
	info.path = argv[0];
	failed = info_read(&info) || show_info(&info, format);
	info_free(&info);
	return failed ? CLI_FAILED : CLI_OK;
}

const struct cli_verb cli_info = {
	.name = "info",
	.summary = "show what a dump contains",
	.usage = "FILE",
	.description = "Shows what FILE, a dump, contains: memory and its origin, threads, signals,\n"
		       "the files that the process had mapped or open, and what the dump needs\n"
		       "of the machine.\n",
	.operand = "FILE",
	.options = info_options,
	.run = run_info,
};
