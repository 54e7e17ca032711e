/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signal handlers with their flags and masks, ignored signals, blocked signals and the
 * alternate stack are preserved.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char alternate[65536];
static volatile int plain_calls, info_calls, stack_right, mask_right, value;

static void plain(int number)
{
	plain_calls += number == SIGUSR1;
}

static void info(int number, siginfo_t *details, void *context)
{
	char here;
	sigset_t mask;

	(void)context;
	info_calls += number == SIGRTMIN + 3;
	value = details->si_value.sival_int;
	stack_right = &here >= alternate && &here < alternate + sizeof(alternate);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	mask_right = sigismember(&mask, SIGHUP) && sigismember(&mask, SIGRTMIN + 3);
}

static void set_up(void)
{
	struct sigaction action = { .sa_handler = plain,
				    .sa_flags = SA_RESETHAND | SA_RESTART };
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	sigset_t mask;

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	action.sa_sigaction = info;
	sigaddset(&action.sa_mask, SIGHUP);
	CHECK(!sigaction(SIGRTMIN + 3, &action, NULL));
	signal(SIGPIPE, SIG_IGN);
	CHECK(!sigaltstack(&stack, NULL));
	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigaddset(&mask, SIGRTMAX);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void check_mask(void)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (number < 32 || number >= SIGRTMIN)
			CHECK_EQUAL(sigismember(&mask, number),
				    number == SIGWINCH || number == SIGRTMAX);
}

int main(void)
{
	struct sigaction action;
	stack_t stack;

	roundtrip_begin();
	set_up();
	roundtrip_cut();
	check_mask();
	CHECK(!sigaltstack(NULL, &stack));
	CHECK(stack.ss_sp == alternate && stack.ss_size == sizeof(alternate));
	CHECK_EQUAL(stack.ss_flags, 0);
	CHECK(!sigaction(SIGUSR1, NULL, &action));
	CHECK(action.sa_handler == plain);
	CHECK_EQUAL(action.sa_flags & (SA_RESETHAND | SA_RESTART | SA_SIGINFO),
		    SA_RESETHAND | SA_RESTART);
	CHECK(!raise(SIGUSR1));
	CHECK_EQUAL(plain_calls, 1);
	CHECK(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
	CHECK(!sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ .sival_int = 4711 }));
	CHECK_EQUAL(info_calls, 1);
	CHECK_EQUAL(value, 4711);
	CHECK(stack_right);
	CHECK(mask_right);
	CHECK(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
	CHECK(signal(SIGTERM, SIG_DFL) == SIG_DFL);
	check_mask();
	return 0;
}
