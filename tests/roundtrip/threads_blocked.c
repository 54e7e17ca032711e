/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that has blocked all signals by a raw system call, even those that libc does not let
 * a program block, is refused by name in bounded time. All others continue, the next dump works
 * after it unblocks signals, and setuid, for which libc uses that signal, works in between.
 * With DEADLY, libc has no handler for that signal, so a stray one would end the process.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>

#include "../lib/refuse.h"
#include "threads.h"

static volatile int stage, listening;
static volatile long progress;
static struct thread deaf, worker;

static void set_mask(uint64_t mask)
{
	CHECK(!syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask)));
}

static void *be_deaf(void *unused)
{
	pthread_setname_np(pthread_self(), "deaf");
	set_mask(~UINT64_C(0));
	stage = 1;
	while (stage < 2)
		usleep(1000);
	usleep(100000); /* the dump has begun */
	set_mask(0);
	listening = 1;
	while (stage < 4)
		usleep(1000);
	return unused;
}

/* The thread unblocks signals at the third dump. Signals that were sent in vain before must not
 * reach it in the dump. */
static int listen_again(void *unused)
{
	stage = 2;
	return unused != NULL;
}

static void *work(void *unused)
{
	while (stage < 4) {
		progress++;
		usleep(1000);
	}
	return unused;
}

#ifdef DEADLY
static void begin_change(void)
{
	uint64_t action[4] = { 0 };

	CHECK(!syscall(SYS_rt_sigaction, 33, action, NULL, sizeof(uint64_t)));
}

static void end_change(void)
{
}
#else
static struct thread changer;

/* Waits for all threads, including the thread that blocks signals. */
static void *change(void *unused)
{
	CHECK(!setgid(getgid()));
	return unused;
}

static void begin_change(void)
{
	thread_start_sleeper(&changer, change, NULL);
}

static void end_change(void)
{
	thread_join(&changer);
	CHECK(!setgid(getgid()));
}
#endif

static void refuse(const char *path)
{
	struct unexec_report *report = unexec_report_new();
	double start = clock_now(CLOCK_MONOTONIC);
	long before;

	CHECK_EQUAL(unexec_dump(path, &keep_all, report), UNEXEC_UNSUPPORTED);
	CHECK(clock_now(CLOCK_MONOTONIC) - start < 60);
	unexec_report_print(report, stderr);
	refuse_expect(report, UNEXEC_CODE_THREAD, "deaf", "blocks all signals", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	CHECK(access(path, F_OK));
	unexec_report_free(report);
	before = progress;
	usleep(100000);
	CHECK(progress > before);
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	thread_start(&deaf, be_deaf, NULL);
	thread_start(&worker, work, NULL);
	while (stage < 1)
		usleep(1000);
	begin_change();
	refuse(path);
	refuse(path);
	if (getenv("UNEXEC_TEST_BY_PID")) /* the library is not called then */
		for (listen_again(NULL); !listening;)
			usleep(1000);
	else
		CHECK(!unexec_on_dump(listen_again, NULL));
	cut_with_threads();
	end_change();
#ifndef DEADLY
	CHECK(!setgid(getgid()));
#endif
	stage = 4;
	thread_join(&deaf);
	thread_join(&worker);
	return 0;
}
