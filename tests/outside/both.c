/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process with some of everything: it dumps itself into the given file and then waits to be
 * dumped from outside.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

static int idle[2];

static void on_signal(int number)
{
	(void)number;
}

static void *wait_for_nothing(void *barrier)
{
	char byte;

	pthread_setname_np(pthread_self(), "waits");
	pthread_barrier_wait(barrier);
	while (read(idle[0], &byte, 1) < 0)
		;
	return barrier;
}

static void set_up(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3 };
	struct itimerspec hour = { .it_value.tv_sec = 3600 };
	timer_t timer;
	char *memory;

	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGRTMIN + 3, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &hour, NULL);
	timerfd_settime(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), 0, &hour, NULL);
	eventfd(42, EFD_NONBLOCK);
	open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	memory = mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	memset(memory + (1 << 20), 1, 1 << 16);
	mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(malloc(1 << 20), 2, 1 << 20);
}

int main(int argc, char **argv)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	char byte;

	if (argc != 2 || pipe(idle))
		return 2;
	set_up();
	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&thread, NULL, wait_for_nothing, &barrier))
		return 1;
	pthread_barrier_wait(&barrier);
	switch (unexec_dump(argv[1], NULL, NULL)) {
	case UNEXEC_DUMPED:
		puts("dumped");
		fflush(stdout);
		break;
	case UNEXEC_RESUMED:
		puts("resumed");
		return 0;
	default:
		return 1;
	}
	while (read(idle[0], &byte, 1) < 0)
		;
	return 0;
}
