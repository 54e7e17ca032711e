/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The subject of identity.sh: remembers its process ID and the TID of its second thread, is
 * dumped (by itself with an argument, else from outside while it reads), compares them with what
 * it has then, and does as the next line of standard input says.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unexec.h"

static pthread_barrier_t started, resumed;
static pid_t tid;

static void *run_thread(void *unused)
{
	tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&started);
	pthread_barrier_wait(&resumed);
	printf("thread %s\n", tid == syscall(SYS_gettid) ? "same" : "other");
	return unused;
}

static void on_signal(int number)
{
	(void)number;
	_exit(9);
}

static void dump(const char *path)
{
	struct unexec_options options = { .size = sizeof(options), .pid = UNEXEC_PID_KEEP,
					  .threads = UNEXEC_THREADS_KEEP };
	int status = unexec_dump(path, &options, NULL);

	if (status != UNEXEC_RESUMED) {
		puts(status ? "not dumped" : "dumped");
		fflush(stdout);
		getchar(); /* it holds its ID until then */
		exit(status != 0);
	}
}

int main(int argc, char **argv)
{
	pid_t pid = getpid();
	pthread_t thread;
	char line[64] = "";

	setvbuf(stdin, NULL, _IONBF, 0);
	signal(SIGTERM, on_signal);
	pthread_barrier_init(&started, NULL, 2);
	pthread_barrier_init(&resumed, NULL, 2);
	if (pthread_create(&thread, NULL, run_thread, NULL))
		return 99;
	pthread_barrier_wait(&started);
	if (argc > 1)
		dump(argv[1]);
	else
		puts("ready");
	fflush(stdout);
	if (argc == 1 && !fgets(line, sizeof(line), stdin))
		return 98;
	pthread_barrier_wait(&resumed);
	pthread_join(thread, NULL);
	printf("process %s\n", pid == getpid() ? "same" : "other");
	fflush(stdout);
	if (!*line && !fgets(line, sizeof(line), stdin))
		return 98;
	if (!strcmp(line, "abort\n"))
		abort();
	if (!strcmp(line, "wait\n"))
		for (;;)
			pause();
	return atoi(line);
}
