/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With UNEXEC_MAIN a dump calls main with the new arguments, on the old stack; its result is
 * the exit status.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int calls;
static char *old_top;

static int again(int argc, char **argv, char **envp)
{
	CHECK_EQUAL(calls, 2);
	CHECK_EQUAL(argc, 3);
	CHECK_STRING(argv[1], "second");
	CHECK_STRING(argv[2], "time");
	CHECK(!argv[3]);
	CHECK_STRING(envp[0], "NEW=yes");
	CHECK(envp == environ);
	/* The dump's deep frames are gone: main is near the top again. */
	CHECK(labs(old_top - (char *)&argc) < 16384);
	CHECK(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
	printf("printed by main");
	return 42;
}

__attribute__((noinline)) static int dump_deep(const char *path, int depth)
{
	struct unexec_options options = { .size = sizeof(options), .entry = UNEXEC_MAIN };
	volatile char frame[4096];
	int status;

	frame[0] = (char)depth;
	status = depth ? dump_deep(path, depth - 1) : roundtrip_dump(path, &options);
	return status + frame[1] * 0;
}

int main(int argc, char **argv, char **envp)
{
	static const char *const arguments[] = { "dump", "second", "time", NULL };
	static const char *const environment[] = { "NEW=yes", NULL };
	char *dump, *out;

	calls++;
	if (unexec_generation())
		return again(argc, argv, envp);
	old_top = (char *)&argc;
	roundtrip_begin();
	dump = roundtrip_path("dump");
	out = roundtrip_path("out");
	CHECK_EQUAL(dump_deep(dump, 100), UNEXEC_DUMPED);
	CHECK(freopen(out, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){
		.arguments = arguments, .environment = environment }), 42);
	CHECK_STRING(roundtrip_read(out), "printed by main");
	return 0;
}
