/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each thread keeps its signal mask, alternate stack and pending signals; a signal pending for
 * one thread is not delivered to another.
 */
#define _GNU_SOURCE
#include <signal.h>

#include "threads.h"

#define COUNT 3

static char alternate[COUNT][65536];
static struct thread threads[COUNT];
static volatile pid_t got[COUNT], shared_by;
static volatile int on_stack[COUNT];
static pthread_barrier_t go;
static __thread int own_index;

static void handler(int number)
{
	char here;
	int which = number - SIGRTMIN;

	CHECK(which == own_index);
	got[which] = (pid_t)syscall(SYS_gettid);
	on_stack[which] = &here >= alternate[which]
			  && &here < alternate[which] + sizeof(alternate[which]);
}

static void shared(int number)
{
	(void)number;
	shared_by = (pid_t)syscall(SYS_gettid);
}

static void set_up(int index)
{
	stack_t stack = { .ss_sp = alternate[index], .ss_size = sizeof(alternate[index]) };
	sigset_t mask;

	own_index = index;
	CHECK(!sigaltstack(&stack, NULL));
	sigemptyset(&mask);
	for (int i = 0; i < COUNT; i++)
		sigaddset(&mask, SIGRTMIN + i);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGRTMAX - index);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void check(int index)
{
	stack_t stack;
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int i = 0; i < COUNT; i++) {
		CHECK_EQUAL(sigismember(&mask, SIGRTMAX - i), i == index);
		CHECK_EQUAL(sigismember(&mask, SIGRTMIN + i), 1);
	}
	CHECK_EQUAL(sigismember(&mask, SIGHUP), 0);
	CHECK(!sigaltstack(NULL, &stack));
	CHECK(stack.ss_sp == alternate[index] && stack.ss_flags == 0);
	CHECK_EQUAL(got[index], 0);
	sigemptyset(&mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	CHECK_EQUAL(got[index], syscall(SYS_gettid));
	CHECK(on_stack[index]);
}

static void *run(void *argument)
{
	int index = *(int *)argument;

	set_up(index);
	pthread_barrier_wait(&go);
	check(index);
	return NULL;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	static int indices[COUNT];

	roundtrip_begin();
	for (int i = 0; i < COUNT; i++)
		CHECK(!sigaction(SIGRTMIN + i, &action, NULL));
	signal(SIGUSR1, shared);
	set_up(0);
	threads[0].id = pthread_self();
	pthread_barrier_init(&go, NULL, COUNT);
	for (int i = 1; i < COUNT; i++) {
		indices[i] = i;
		thread_start_sleeper(&threads[i], run, &indices[i]);
	}
	for (int i = 0; i < COUNT; i++)
		CHECK(!pthread_kill(threads[i].id, SIGRTMIN + i));
	CHECK(!kill(getpid(), SIGUSR1));
	cut_with_threads();
	pthread_barrier_wait(&go);
	check(0);
	for (int i = 1; i < COUNT; i++)
		thread_join(&threads[i]);
	CHECK(shared_by != 0);
	return 0;
}
