/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread keeps settings that the kernel has for each thread: PR_SET_PDEATHSIG, PR_SET_TSC,
 * PR_MCE_KILL and personality. The other threads do not get them, whichever thread dumps.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "threads.h"

static pthread_barrier_t go;

static void check_settings(int death, int tsc, int failure, int uname)
{
	int got = -1;

	CHECK(!prctl(PR_GET_PDEATHSIG, &got));
	CHECK_EQUAL(got, death);
	CHECK(!prctl(PR_GET_TSC, &got));
	CHECK_EQUAL(got, tsc);
	CHECK_EQUAL(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), failure);
	CHECK_EQUAL(personality(0xffffffff) & UNAME26, uname);
}

/* It does not read the clock, which would end it. */
static void *live(void *unused)
{
	CHECK(!prctl(PR_SET_PDEATHSIG, SIGUSR2));
	CHECK(!prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
	CHECK(!prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	CHECK(personality(UNAME26) >= 0);
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&go);
	check_settings(SIGUSR2, PR_TSC_SIGSEGV, PR_MCE_KILL_EARLY, UNAME26);
	return unused;
}

static void *dump(void *path)
{
	return (void *)(long)roundtrip_dump(path, &keep_all);
}

static void check_rest(struct thread *thread)
{
	check_settings(0, PR_TSC_ENABLE, PR_MCE_KILL_LATE, 0);
	pthread_barrier_wait(&go);
	thread_join(thread);
}

int main(void)
{
	static struct thread thread, dumper;
	char *path;
	long status;

	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
	pthread_barrier_init(&go, NULL, 2);
	thread_start(&thread, live, NULL);
	pthread_barrier_wait(&go);
	thread_await_sleep(&thread);
	cut_with_threads();
	thread_start(&dumper, dump, path);
	status = (long)thread_join(&dumper);
	if (status == UNEXEC_DUMPED)
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	check_rest(&thread);
	return 0;
}
