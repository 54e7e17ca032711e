/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec undump CORE [-e PROGRAM] -o OUT`: makes an executable of a core file.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "sources/core/core.h"
#include "cli/cli.h"
#include "cli/save.h"

static int help(void)
{
	puts("Usage: unexec undump [-e PROGRAM] -o FILE CORE\n"
	     "Writes a dump of the process that a core file is of: it goes on where that was.\n"
	     "\n"
	     "  -e, --executable=PROGRAM\n"
	     "                     the program's file, if it is not where it was\n"
	     SAVE_HELP
	     "      --help         this text\n"
	     "\n"
	     "CORE may be compressed by zstd or lz4. The program and its libraries must be\n"
	     "those that the process had. See unexec(1).");
	return CLI_OK;
}

static int complain(const char *what)
{
	fprintf(stderr, "unexec: %s; try 'unexec undump --help'\n", what);
	return CLI_USAGE;
}

static int undump(const char *core, const char *program, struct save *save)
{
	struct report report = { 0 };
	struct capture *capture;
	int failed = save_begin(save, &report);

	if (!failed) {
		capture = core_capture(core, program, &report);
		failed = save_capture(save, capture, &report);
		capture->free(capture);
	}
	save_end(save);
	return failed ? CLI_FAILED : CLI_OK;
}

int cli_undump(int argc, char **argv)
{
	static const struct option options[] = {
		{ "executable", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		SAVE_LONG,
		{ NULL, 0, NULL, 0 },
	};
	const char *program = NULL;
	struct save save = { 0 };
	int letter;

	while ((letter = getopt_long(argc, argv, "e:h" SAVE_SHORT, options, NULL)) >= 0) {
		if (letter == 'h')
			return help();
		if (letter == 'e')
			program = optarg;
		else if (!save_option(&save, letter, optarg))
			return complain("wrong option");
	}
	if (optind + 1 != argc)
		return complain(optind == argc ? "which core?" : "one core at a time");
	if (!save.path)
		return complain("where to? -o is missing");
	return undump(argv[optind], program, &save);
}
