/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Passes the moments that `unexec run --when` knows: moments MODE. Prints "before" and "after"
 * each with write(2), so that no buffer holds them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *text)
{
	if (write(1, text, strlen(text)) < 0 || write(1, "\n", 1) < 0)
		_exit(9);
}

/* The function of --when=call:stage. Its arguments must be preserved. */
__attribute__((noinline)) int stage(int a, int b, int c, int d);
int stage(int a, int b, int c, int d)
{
	char text[64];

	snprintf(text, sizeof(text), "stage %d %d %d %d", a, b, c, d);
	say(text);
	return a + d;
}

static int call(void)
{
	say("before");
	if (stage(1, 2, 3, 4) != 5)
		return 1;
	say("after");
	return 0;
}

static void *call_in_thread(void *failed)
{
	*(int *)failed = call();
	return NULL;
}

static int thread(void)
{
	pthread_t other;
	int failed = 1;

	return pthread_create(&other, NULL, call_in_thread, &failed)
	       || pthread_join(other, NULL) || failed;
}

/* Children that call the function are not dumped, and are not disturbed. */
static int children(void)
{
	char name[] = "true", *arguments[] = { name, NULL };
	pid_t child = fork();
	int status;

	if (!child)
		_exit(stage(5, 6, 7, 8) == 13 ? 3 : 4);
	if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 3)
		return 1;
	if (posix_spawnp(&child, "true", NULL, NULL, arguments, environ)
	    || waitpid(child, &status, 0) != child || status)
		return 2;
	return call();
}

static int library(void)
{
	void *module = dlopen(getenv("MODULE"), RTLD_NOW);
	int (*function)(void) = module ? (int (*)(void))dlsym(module, "module_next") : NULL;

	if (!function)
		return 1;
	say("before");
	function();
	say("after");
	return 0;
}

static int system_call(void)
{
	syscall(SYS_getppid);
	say("before");
	syscall(SYS_getppid);
	say("between");
	syscall(SYS_getppid);
	say("after");
	return 0;
}

static int signalled(void)
{
	signal(SIGUSR1, SIG_IGN);
	say("before");
	raise(SIGUSR1);
	say("after");
	return 0;
}

static int ignores_trap(void)
{
	struct sigaction action;

	signal(SIGTRAP, SIG_IGN);
	call();
	sigaction(SIGTRAP, NULL, &action);
	return action.sa_handler != SIG_IGN;
}

static int sleeps(void)
{
	const struct timespec time = { 0, 700000000 };

	say("before");
	nanosleep(&time, NULL);
	say("after");
	return 0;
}

static int executes(void)
{
	execl("/proc/self/exe", "moments", "call", (char *)NULL);
	return 1;
}

/* ---- Standard input ------------------------------------------------------------------- */

static int input; /* a descriptor of it */

static void wait_read(void)
{
}

static void wait_poll(void)
{
	struct pollfd set[] = { { -1, POLLIN, 0 }, { input, POLLIN, 0 } };

	while (poll(set, 2, 20000) != 1)
		;
}

static void wait_ppoll(void)
{
	struct pollfd one = { input, POLLIN, 0 };

	while (ppoll(&one, 1, NULL, NULL) != 1)
		;
}

static void wait_select(void)
{
	struct timeval time = { 20, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(input, &set);
	while (select(input + 1, &set, NULL, NULL, &time) != 1)
		;
}

static void wait_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(input, &set);
	while (pselect(input + 1, &set, NULL, NULL, NULL, NULL) != 1)
		;
}

/* A set that contains standard input is polled. */
static void wait_nested(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd one = { epoll_create1(EPOLL_CLOEXEC), POLLIN, 0 };

	epoll_ctl(one.fd, EPOLL_CTL_ADD, input, &event);
	while (poll(&one, 1, -1) != 1)
		;
	close(one.fd);
}

static int late_set;
static _Atomic pid_t late_waiter;

static void *wait_for_late(void *argument)
{
	struct epoll_event event;

	late_waiter = (pid_t)syscall(SYS_gettid);
	while (epoll_wait(late_set, &event, 1, -1) != 1)
		;
	return argument;
}

static bool is_in_epoll_wait(pid_t tid)
{
	char path[64];
	long number = -1;
	FILE *call;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
	call = fopen(path, "re");
	if (call && fscanf(call, "%ld", &number) != 1)
		number = -1;
	if (call)
		fclose(call);
	return number == SYS_epoll_wait;
}

/* Standard input is added to a set for which another thread waits. */
static void wait_late(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	pthread_t thread;

	late_waiter = 0;
	late_set = epoll_create1(EPOLL_CLOEXEC);
	pthread_create(&thread, NULL, wait_for_late, NULL);
	while (!late_waiter || !is_in_epoll_wait(late_waiter))
		sched_yield();
	epoll_ctl(late_set, EPOLL_CTL_ADD, input, &event);
	pthread_join(thread, NULL);
	close(late_set);
}

static void wait_epoll(void)
{
	static int outer = -1;
	struct epoll_event event = { .events = EPOLLIN };

	if (outer < 0) {
		int inner = epoll_create1(EPOLL_CLOEXEC);

		outer = epoll_create1(EPOLL_CLOEXEC);
		epoll_ctl(inner, EPOLL_CTL_ADD, input, &event);
		epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event);
	}
	while (epoll_wait(outer, &event, 1, -1) != 1)
		;
}

/* Polls and works in turn, and finally waits. */
static void wait_busily(void)
{
	const struct timespec time = { 0, 10000000 };
	struct pollfd one = { input, POLLIN, 0 };

	for (int i = 0; i < 20; i++) {
		if (poll(&one, 1, 0) == 1)
			return;
		nanosleep(&time, NULL);
	}
	say("tried");
}

static int read_all(void (*wait)(void))
{
	char byte, text[] = "read ?";

	for (;;) {
		wait();
		if (read(input, &byte, 1) != 1)
			break;
		if (byte == '\n')
			continue;
		text[5] = byte;
		say(text);
	}
	say("end");
	return 0;
}

static int read_copy(void (*wait)(void))
{
	input = dup(0);
	return read_all(wait);
}

/* ---- Modes ---------------------------------------------------------------------------- */

static const struct mode {
	const char *name;
	int (*run)(void);
	void (*wait)(void);
} modes[] = {
	{ "call", call, NULL },
	{ "thread", thread, NULL },
	{ "children", children, NULL },
	{ "library", library, NULL },
	{ "syscall", system_call, NULL },
	{ "signal", signalled, NULL },
	{ "ignores-trap", ignores_trap, NULL },
	{ "sleep", sleeps, NULL },
	{ "exec", executes, NULL },
	{ "read", NULL, wait_read },
	{ "poll", NULL, wait_poll },
	{ "ppoll", NULL, wait_ppoll },
	{ "select", NULL, wait_select },
	{ "pselect", NULL, wait_pselect },
	{ "epoll", NULL, wait_epoll },
	{ "nested", NULL, wait_nested },
	{ "late", NULL, wait_late },
	{ "busily", NULL, wait_busily },
};

static int run(const char *name, bool of_copy)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(name, modes[i].name))
			continue;
		if (modes[i].run)
			return modes[i].run();
		return of_copy ? read_copy(modes[i].wait) : read_all(modes[i].wait);
	}
	return 99;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "arguments")) {
		for (int i = 2; i < argc; i++)
			say(argv[i]);
		return 0;
	}
	return argc < 2 ? 98 : run(argv[1], argc > 2);
}
