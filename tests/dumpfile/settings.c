/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes settings that a new process inherits, is dumped, and prints them: settings KIND [FILE];
 * see be_dumped.h. KIND tsc also forbids to read the clock.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "be_dumped.h"

#define BEST_EFFORT_7 (2 << 13 | 7)

static pthread_barrier_t go;

static int write_file(const char *path, const char *text)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = write(descriptor, text, strlen(text));

	close(descriptor);
	return written < 0;
}

static int change(const char *kind)
{
	const struct sched_param none = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	return prctl(PR_SET_PDEATHSIG, SIGUSR1)
	       || prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0)
	       || personality(UNAME26) < 0
	       || syscall(SYS_ioprio_set, 1, 0, BEST_EFFORT_7)
	       || sched_setscheduler(0, SCHED_BATCH, &none)
	       || sched_setaffinity(0, sizeof(one), &one)
	       || write_file("/proc/self/oom_score_adj", "123")
	       || write_file("/proc/self/coredump_filter", "0x11")
	       || (!strcmp(kind, "tsc") && prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
}

static void print_file(const char *path)
{
	char text[64] = "";
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (read(descriptor, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(descriptor);
	printf("%s %s", path, text);
}

static void show_thread(const char *name)
{
	cpu_set_t cpus;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	printf("%s: io %ld class %d cpus %d slack %d\n", name,
	       (long)syscall(SYS_ioprio_get, 1, 0), sched_getscheduler(0), CPU_COUNT(&cpus),
	       prctl(PR_GET_TIMERSLACK));
}

static void show(void)
{
	int death = 0, tsc = 0;

	prctl(PR_GET_PDEATHSIG, &death);
	prctl(PR_GET_TSC, &tsc);
	printf("pdeathsig %d tsc %d mce %d personality %#x\n", death, tsc,
	       prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), personality(0xffffffff));
	print_file("/proc/self/oom_score_adj");
	print_file("/proc/self/coredump_filter");
	show_thread("main");
}

static void *run(void *argument)
{
	prctl(PR_SET_TIMERSLACK, 77000);
	syscall(SYS_ioprio_set, 1, 0, 3 << 13); /* idle */
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&go);
	show_thread("thread");
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2)
		return 99;
	if (change(argv[1])) {
		perror(argv[1]);
		return 77;
	}
	pthread_barrier_init(&go, NULL, 2);
	if (pthread_create(&thread, NULL, run, NULL))
		return 99;
	pthread_barrier_wait(&go);
	be_dumped(argc, argv);
	show();
	pthread_barrier_wait(&go);
	return pthread_join(thread, NULL);
}
