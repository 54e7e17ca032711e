/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With UNEXEC_FUNCTION a dump calls that function with the new arguments; its result is the
 * exit status, and exit handlers run.
 */
#define _GNU_SOURCE
#include <string.h>

#include "../lib/roundtrip.h"

static char *kept;

static void at_exit(void)
{
	if (unexec_generation())
		printf(" and exit");
}

static int function(int argc, char **argv, char **envp)
{
	CHECK_EQUAL(unexec_generation(), 1);
	CHECK_EQUAL(argc, 2);
	CHECK_STRING(argv[0], "dump");
	CHECK_STRING(argv[1], "argument");
	CHECK(!argv[2]);
	CHECK_STRING(envp[0], "NEW=yes");
	CHECK_STRING(kept, "kept");
	printf("function");
	return 43;
}

int main(void)
{
	struct unexec_options options = { .size = sizeof(options), .entry = UNEXEC_FUNCTION,
					  .function = function };
	static const char *const arguments[] = { "dump", "argument", NULL };
	static const char *const environment[] = { "NEW=yes", NULL };
	struct unexec_options without = { .size = sizeof(without), .entry = UNEXEC_FUNCTION };
	struct unexec_report *report = unexec_report_new();
	char *dump, *out;

	roundtrip_begin();
	kept = strdup("kept");
	atexit(at_exit);
	dump = roundtrip_path("dump");
	out = roundtrip_path("out");
	CHECK_EQUAL(unexec_dump(dump, &without, report), UNEXEC_INVALID);
	CHECK(unexec_report_count(report) >= 1);
	CHECK_EQUAL(roundtrip_dump(dump, &options), UNEXEC_DUMPED);
	CHECK(freopen(out, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){
		.arguments = arguments, .environment = environment }), 43);
	CHECK_STRING(roundtrip_read(out), "function and exit");
	return 0;
}
