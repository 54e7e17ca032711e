/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Environment, arguments and the program's names are those of the new process, in libc
 * and in /proc, and the environment can be changed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *dump, *own;

static void check_names(void)
{
	char link[PATH_MAX];
	ssize_t length;

	CHECK_STRING(program_invocation_name, "a/b/new-name");
	CHECK_STRING(program_invocation_short_name, "new-name");
	CHECK_STRING(roundtrip_read("/proc/self/comm"), "a-rather-long-n\n");
	CHECK(!memcmp(roundtrip_read("/proc/self/cmdline"), "a/b/new-name\0one\0\0three", 24));
	CHECK(!memcmp(roundtrip_read("/proc/self/environ"),
		      "NEW=value\0BOTH=new\0EMPTY=", 26));
	length = readlink("/proc/self/exe", link, sizeof(link) - 1);
	CHECK(length > 0);
	link[length] = 0;
	CHECK_STRING(link, dump);
}

static void check_environment(void)
{
	static char put[] = "PUT=in";
	char **envp;

	CHECK_STRING(getenv("NEW"), "value");
	CHECK_STRING(getenv("BOTH"), "new");
	CHECK_STRING(getenv("EMPTY"), "");
	/* The program's own changes are laid on top of the new environment. */
	CHECK_STRING(getenv("OLD"), "old");
	CHECK_STRING(getenv("CHANGED"), "old");
	CHECK(!getenv("PATH"));
	CHECK(environ[5] == own && !environ[6]);
	unexec_arguments(NULL, NULL, &envp);
	CHECK_STRING(envp[0], "NEW=value");
	CHECK_STRING(envp[1], "BOTH=new");
	CHECK_STRING(envp[2], "EMPTY=");
	CHECK_STRING(envp[3], "CHANGED=new");
	CHECK_STRING(envp[4], "PATH=new");
	CHECK(!envp[5]);
	CHECK(!setenv("BOTH", "changed", 1));
	CHECK(!setenv("ADDED", "more", 1));
	CHECK(!putenv(put));
	CHECK(!unsetenv("NEW"));
	CHECK_STRING(getenv("BOTH"), "changed");
	CHECK_STRING(getenv("ADDED"), "more");
	CHECK_STRING(getenv("PUT"), "in");
	CHECK(!getenv("NEW"));
	for (int i = 0; i < 100; i++) {
		char name[20];

		snprintf(name, sizeof(name), "MANY%d", i);
		CHECK(!setenv(name, "x", 1));
	}
	CHECK(system("test \"$BOTH:$ADDED:$PUT:$MANY99:$NEW\" = changed:more:in:x:") == 0);
}

int main(int old_argc, char **old_argv)
{
	static const char *const arguments[] = { "a/b/new-name", "one", "", "three", NULL };
	static const char *const environment[] = { "NEW=value", "BOTH=new", "EMPTY=",
						   "CHANGED=new", "PATH=new", NULL };
	static char put_before[] = "PUT_BEFORE=own";
	char **argv, *old_name = old_argv[0];
	int argc;

	roundtrip_begin();
	CHECK_EQUAL(old_argc, 1);
	dump = roundtrip_path("a-rather-long-name-for-a-dump");
	setenv("OLD", "old", 1);
	setenv("CHANGED", "old", 1);
	putenv(own = put_before);
	unsetenv("PATH");
	if (roundtrip_dump(dump, NULL) == UNEXEC_DUMPED) {
		CHECK_STRING(getenv("OLD"), "old");
		CHECK_STRING(program_invocation_name, old_name);
		_exit(roundtrip_run(dump, &(struct roundtrip){ .arguments = arguments,
							       .environment = environment }));
	}
	unexec_arguments(&argc, &argv, NULL);
	CHECK_EQUAL(argc, 4);
	CHECK_STRING(argv[0], "a/b/new-name");
	CHECK_STRING(argv[1], "one");
	CHECK_STRING(argv[2], "");
	CHECK_STRING(argv[3], "three");
	CHECK(!argv[4]);
	/* The old strings stay at their addresses. */
	CHECK(old_argv[0] == old_name && strlen(old_name) > 0);
	check_names();
	check_environment();
	errno = 5;
	return 0;
}
