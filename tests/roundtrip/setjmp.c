/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * longjmp works with a jmp_buf set before the dump, with and without a saved signal mask, also
 * from a signal handler.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>

#include "../lib/roundtrip.h"

static jmp_buf plain;
static sigjmp_buf with_mask, from_handler;

static void handler(int number)
{
	siglongjmp(from_handler, number);
}

__attribute__((noinline)) static void jump_deep(int depth)
{
	volatile char frame[1000];

	frame[0] = (char)depth;
	if (depth == 0)
		longjmp(plain, 77);
	else if (depth > 0)
		jump_deep(depth - 1);
	frame[1] = frame[0];
}

int main(void)
{
	volatile int local = 1, stage = 0;
	sigset_t mask;
	int value;

	roundtrip_begin();
	signal(SIGUSR1, handler);
	value = setjmp(plain);
	if (value) {
		CHECK_EQUAL(value, 77);
		CHECK_EQUAL(stage, 1);
		CHECK_EQUAL(local, 2);
		stage = 2;
		sigemptyset(&mask);
		sigaddset(&mask, SIGUSR2);
		sigprocmask(SIG_BLOCK, &mask, NULL);
		siglongjmp(with_mask, 78);
	}
	value = sigsetjmp(with_mask, 1);
	if (value) {
		CHECK_EQUAL(value, 78);
		CHECK_EQUAL(stage, 2);
		stage = 3;
		sigprocmask(SIG_SETMASK, NULL, &mask);
		CHECK(!sigismember(&mask, SIGUSR2));
		raise(SIGUSR1);
		CHECK(0);
	}
	value = sigsetjmp(from_handler, 1);
	if (value) {
		CHECK_EQUAL(value, SIGUSR1);
		CHECK_EQUAL(stage, 3);
		return 0;
	}
	local = 2;
	roundtrip_cut();
	CHECK_EQUAL(stage, 0);
	stage = 1;
	jump_deep(50);
	return 1;
}
