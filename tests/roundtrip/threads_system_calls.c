/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread in the middle of a system call continues it in the dump, or gets EINTR, as the
 * manual says: the same in the original and in the dump.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>

#include "threads.h"

static int word;
static sigset_t usr2;
static volatile int child_gone;

static long in_futex(void)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL);
}

static long in_futex_timed(void)
{
	const struct timespec limit = { 30, 0 };

	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &limit);
}

static long in_nanosleep(void)
{
	const struct timespec limit = { 30, 0 };
	struct timespec left = { 0, 0 };
	int result = nanosleep(&limit, &left);

	CHECK(left.tv_sec > 10);
	return result;
}

static long in_pause(void)
{
	return pause();
}

static long in_poll(void)
{
	return poll(NULL, 0, 30000);
}

static long in_select(void)
{
	struct timeval limit = { 30, 0 };

	return select(0, NULL, NULL, NULL, &limit);
}

static long in_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long in_sigwaitinfo(void)
{
	return sigwaitinfo(&usr2, NULL);
}

/* libc's sigwait() hides EINTR. */
static long in_sigwait(void)
{
	int number = 0;

	CHECK_EQUAL(sigwait(&usr2, &number), 0);
	CHECK_EQUAL(number, SIGUSR2);
	return 0;
}

/* Waits for a child of the original, which the dump does not have. */
static long in_wait(void)
{
	if (waitpid(-1, NULL, 0) >= 0)
		return 0;
	CHECK_EQUAL(errno, ECHILD);
	return 0;
}

static const struct call {
	const char *name;
	long (*run)(void);
	bool interrupted;
} calls[] = {
	{ "futex", in_futex, false },
	{ "futex with a time", in_futex_timed, true },
	{ "nanosleep", in_nanosleep, true },
	{ "pause", in_pause, true },
	{ "poll", in_poll, true },
	{ "select", in_select, true },
	{ "sigsuspend", in_sigsuspend, true },
	{ "sigwaitinfo", in_sigwaitinfo, true },
	{ "sigwait", in_sigwait, false },
	{ "waitpid", in_wait, false },
};
#define COUNT (int)(sizeof(calls) / sizeof(calls[0]))

static struct thread threads[COUNT];
static volatile int ended[COUNT];

static void *run(void *argument)
{
	const struct call *call = argument;
	long result;

	errno = 0;
	result = call->run();
	if (call->interrupted)
		CHECK(result == -1 && errno == EINTR);
	else
		CHECK_EQUAL(result, 0);
	ended[call - calls] = 1;
	return NULL;
}

static void finish(void)
{
	usleep(200000);
	for (int i = 0; i < COUNT; i++) {
		bool gone = calls[i].run == in_wait; /* the dump does not have the child */

		if (ended[i] != (calls[i].interrupted || gone))
			fprintf(stderr, "%s\n", calls[i].name);
		CHECK_EQUAL(ended[i], calls[i].interrupted || gone);
	}
	word = 1;
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 100);
	for (int i = 0; i < COUNT; i++) {
		if (calls[i].run == in_sigwait)
			pthread_kill(threads[i].id, SIGUSR2);
		thread_join(&threads[i]);
	}
}

int main(void)
{
	char *path;
	pid_t child;

	roundtrip_begin();
	path = roundtrip_path("dump");
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &usr2, NULL);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	for (int i = 0; i < COUNT; i++)
		thread_start_sleeper(&threads[i], run, (void *)(uintptr_t)&calls[i]);
	if (roundtrip_dump(path, &keep_threads_only) == UNEXEC_RESUMED) {
		finish();
		return 0;
	}
	/* The thread in waitpid must not reap the child that roundtrip_run waits for. */
	usleep(200000);
	for (int i = 0; i < COUNT; i++)
		CHECK(calls[i].run != in_wait || !ended[i]);
	kill(child, SIGKILL);
	finish();
	return roundtrip_run(path, &(struct roundtrip){ 0 });
}
