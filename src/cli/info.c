/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec info`: shows what a dump contains.
 */
#include <stdio.h>

#include "cli/census.h"
#include "cli/cli.h"
#include "cli/info.h"

struct info_options {
	bool json, text, state;
	const char *svg; /* NULL, or the path of the picture */
};

static const struct cli_option info_options[] = {
	{ "json", 0, NULL, NULL, "print JSON, with sizes in bytes",
	  options_take_flag, offsetof(struct info_options, json) },
	{ "text", 0, NULL, NULL, "print the description that the dump itself contains",
	  options_take_flag, offsetof(struct info_options, text) },
	{ "state", 0, NULL, NULL, "print what becomes of each part of a process's state",
	  options_take_flag, offsetof(struct info_options, state) },
	{ "svg", 0, "PICTURE", NULL,
	  "draw what takes the space, to the file PICTURE, or to\n"
	  "standard output if it is -",
	  options_take_string, offsetof(struct info_options, svg) },
	{ .name = NULL },
};

static int show_info(const struct info *info, const struct info_options *options)
{
	if (options->svg)
		return info_draw(info, options->svg);
	if (options->json)
		return info_print_json(info);
	if (options->state)
		census_print();
	else if (options->text)
		fwrite(info->text, 1, info->text_length, stdout);
	else
		info_print(info);
	return 0;
}

static int run_info(int argc, char **argv)
{
	struct info_options options = { 0 };
	struct info info = { 0 };
	int failed, status;

	if (!options_parse(&cli_info, &options, &argc, &argv, &status))
		return status;
	if (options.json + options.text + options.state + !!options.svg > 1)
		return options_wrong(&cli_info, "only one of --json, --text, --state "
					       "and --svg can be given");
	info.path = argv[0];
	failed = info_read(&info) || show_info(&info, &options);
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
