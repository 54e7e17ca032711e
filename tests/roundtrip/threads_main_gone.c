/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After the main thread has ended by pthread_exit, a dump is refused, by the thread's name and
 * without delay, and the process continues.
 */
#define _GNU_SOURCE
#include "../lib/refuse.h"
#include "threads.h"

static void *dump(void *path)
{
	struct unexec_report *report = unexec_report_new();
	double start;

	usleep(100000);
	start = clock_now(CLOCK_MONOTONIC);
	CHECK_EQUAL(unexec_dump(path, &keep_all, report), UNEXEC_UNSUPPORTED);
	CHECK(clock_now(CLOCK_MONOTONIC) - start < 60);
	unexec_report_print(report, stderr);
	/* The kernel keeps 15 bytes of the name. */
	refuse_expect(report, UNEXEC_CODE_THREAD, "(threads_main_go)", "has ended", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	CHECK(access(path, F_OK));
	unexec_report_free(report);
	exit(0);
}

int main(void)
{
	pthread_t thread;

	roundtrip_begin();
	CHECK(!pthread_create(&thread, NULL, dump, roundtrip_path("dump")));
	pthread_exit(NULL);
}
