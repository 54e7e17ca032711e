/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that --when accepts and refuses.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "when/when.h"
#include "unit.h"

static struct when parse(const char *text)
{
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	struct when when;

	ck_assert_msg(when_parse(&when, text, &report) == 0, "%s: %s", text, log.text);
	ck_assert_int_eq(log.count, 0);
	ck_assert_str_eq(when.text, text);
	return when;
}

static void refuse(const char *text, const char *why)
{
	struct unit_log log = { 0 };
	struct report report = { .sink = unit_sink, .context = &log };
	struct when when;

	ck_assert_msg(when_parse(&when, text, &report) == -1, "%s is taken", text);
	ck_assert_int_eq(log.count, 1);
	ck_assert_msg(strstr(log.text, why), "%s: %s", text, log.text);
}

START_TEST(moments)
{
	ck_assert_int_eq(parse("stdin").kind, WHEN_STDIN);
	ck_assert_int_eq(parse("call:main").kind, WHEN_CALL);
	ck_assert_str_eq(parse("call:a::b(int)").symbol, "a::b(int)");
	refuse("call:", "name of the function");
	refuse("", "stdin, call:");
	refuse("stdin ", "stdin, call:");
	refuse("calls:main", "stdin, call:");
	refuse("main", "stdin, call:");
}
END_TEST

START_TEST(calls)
{
	ck_assert_int_eq(parse("syscall:openat").number, SYS_openat);
	ck_assert_int_eq(parse("syscall:openat").nth, 1);
	ck_assert_int_eq(parse("syscall:read:12").number, SYS_read);
	ck_assert_int_eq(parse("syscall:read:12").nth, 12);
	ck_assert_int_eq(parse("syscall:epoll_pwait2").number, SYS_epoll_pwait2);
	refuse("syscall:", "no such system call");
	refuse("syscall:opena", "no such system call");
	refuse("syscall:READ", "no such system call");
	refuse("syscall:read:", "number of the call");
	refuse("syscall:read:0", "number of the call");
	refuse("syscall:read:-1", "number of the call");
	refuse("syscall:read: 1", "number of the call");
	refuse("syscall:read:1x", "number of the call");
	refuse("syscall:read:99999999999999999999", "number of the call");
}
END_TEST

START_TEST(signals)
{
	ck_assert_int_eq(parse("signal:USR1").number, SIGUSR1);
	ck_assert_int_eq(parse("signal:SIGUSR1").number, SIGUSR1);
	ck_assert_int_eq(parse("signal:10").number, 10);
	ck_assert_int_eq(parse("signal:RTMIN").number, SIGRTMIN);
	ck_assert_int_eq(parse("signal:SIGRTMIN+3").number, SIGRTMIN + 3);
	ck_assert_int_eq(parse("signal:RTMAX-1").number, SIGRTMAX - 1);
	refuse("signal:", "no such signal");
	refuse("signal:USR", "no such signal");
	refuse("signal:usr1", "no such signal");
	refuse("signal:0", "no such signal");
	refuse("signal:65", "no such signal");
	refuse("signal:RTMIN+99", "no such signal");
	refuse("signal:RTMIN+", "no such signal");
	refuse("signal:KILL", "cannot be intercepted");
}
END_TEST

START_TEST(times)
{
	ck_assert_int_eq(parse("after:0").delay, 0);
	ck_assert_int_eq(parse("after:2").delay, 2000000000);
	ck_assert_int_eq(parse("after:0.25").delay, 250000000);
	ck_assert_int_eq(parse("after:1e3").delay, 1000000000000);
	refuse("after:", "SECONDS is");
	refuse("after:-1", "SECONDS is");
	refuse("after:1s", "SECONDS is");
	refuse("after:nan", "SECONDS is");
	refuse("after:inf", "SECONDS is");
	refuse("after:1e18", "SECONDS is");
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, moments);
	tcase_add_test(tests, calls);
	tcase_add_test(tests, signals);
	tcase_add_test(tests, times);
}

int main(void)
{
	return unit_run("when", add);
}
