/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stack of a dump grows to its limit, and an overflow is a SIGSEGV that a handler on the
 * alternate stack catches, even with an unlimited stack at the dump, at the start, or both.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LIMIT (8 << 20)

static sigjmp_buf beyond;
static char alternate[65536];
static char *top;

static void handler(int number)
{
	siglongjmp(beyond, number);
}

/* Touches the stack page by page down to `depth` bytes below the top. */
__attribute__((noinline)) static size_t go_down(size_t depth)
{
	volatile char page[4000];
	size_t result;

	page[0] = page[sizeof(page) - 1] = (char)depth;
	if ((size_t)(top - (char *)page) >= depth)
		return 0;
	result = go_down(depth) + 1;
	CHECK(page[0] == (char)depth);
	return result;
}

static void set_limit(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = bytes;
	if (setrlimit(RLIMIT_STACK, &limit))
		_exit(77);
}

static void unlimited(void)
{
	set_limit(RLIM_INFINITY);
}

static void limited(void)
{
	set_limit(LIMIT);
}

static void check_overflow(void)
{
	if (sigsetjmp(beyond, 1) == 0) {
		go_down(SIZE_MAX);
		CHECK(0);
	}
}

/* Runs in the dump. */
static void resumed(bool to_the_end)
{
	for (int i = 0; i < 3; i++)
		go_down(LIMIT - (256 << 10));
	if (to_the_end)
		for (int i = 0; i < 3; i++)
			check_overflow();
}

static void set_up(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* Runs in a child, which dumps itself and then starts the dump both ways. The child has been
 * executed again, because the limit takes effect at execve(). */
static void dump_with(const char *limit_name)
{
	bool was_limited = !strcmp(limit_name, "limited");
	char *dump = roundtrip_path("dump");

	set_up();
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		char **argv;

		unexec_arguments(NULL, &argv, NULL);
		resumed(was_limited && !strcmp(argv[1], "limited"));
		_exit(0);
	}
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = limited,
		.arguments = (const char *const[]){ "dump", "limited", NULL } }), 0);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = unlimited,
		.arguments = (const char *const[]){ "dump", "unlimited", NULL } }), 0);
	_exit(0);
}

int main(int argc, char **argv)
{
	static const char *const words[][3] = { { "stack", "limited", NULL },
						{ "stack", "unlimited", NULL } };

	(void)argc;
	top = (char *)&argc;
	roundtrip_begin();
	if (argv[1])
		dump_with(argv[1]);
	CHECK_EQUAL(roundtrip_run("/proc/self/exe", &(struct roundtrip){
		.arguments = words[0], .prepare = limited }), 0);
	CHECK_EQUAL(roundtrip_run("/proc/self/exe", &(struct roundtrip){
		.arguments = words[1], .prepare = unlimited }), 0);
	return 0;
}
