/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump with UNEXEC_ARGV0_KEEP has the name of the original, and the other new arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

int main(int old_argc, char **old_argv)
{
	static const char *const arguments[] = { "another/name", "one", NULL };
	const struct unexec_options options = { .size = sizeof(options),
						.argv0 = UNEXEC_ARGV0_KEEP };
	char **argv, *path, *comm;
	int argc;

	roundtrip_begin();
	CHECK_EQUAL(old_argc, 1);
	comm = roundtrip_read("/proc/self/comm");
	path = roundtrip_path("dump");
	if (roundtrip_dump(path, &options) == UNEXEC_DUMPED)
		_exit(roundtrip_run(path, &(struct roundtrip){ .arguments = arguments }));
	unexec_arguments(&argc, &argv, NULL);
	CHECK_EQUAL(argc, 2);
	CHECK_STRING(argv[0], old_argv[0]);
	CHECK_STRING(argv[1], "one");
	CHECK_STRING(program_invocation_name, old_argv[0]);
	CHECK_STRING(program_invocation_short_name, strrchr(old_argv[0], '/') + 1);
	CHECK_STRING(roundtrip_read("/proc/self/comm"), comm);
	return 0;
}
