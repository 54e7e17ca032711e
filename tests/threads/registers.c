/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that computes and calls nothing has in the dump the values in its registers that
 * it had: general, vector and floating-point ones, and its rounding mode.
 */
#define _GNU_SOURCE
#include <fenv.h>

#include "threads.h"

#if defined(__x86_64__)
#define VECTORS 16
#define WIDTH 32

struct state {
	unsigned char vectors[VECTORS][WIDTH], after[VECTORS][WIDTH];
	volatile int stop;
	unsigned long before_general, after_general;
	double x87;
	int rounding;
};

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) \
	X(14) X(15)
#define LOAD(n) "vmovdqu " #n "*32(%[from]), %%ymm" #n "\n"
#define STORE(n) "vmovdqu %%ymm" #n ", " #n "*32(%[to])\n"
#define CLOBBER(n) "xmm" #n,

__attribute__((target("avx"))) static void spin(struct state *state)
{
	__asm__ volatile("fldpi\n"
			 EACH(LOAD)
			 "mov %[general], %%r11\n"
			 "1: pause\n"
			 "cmpl $0, (%[stop])\n"
			 "je 1b\n"
			 "mov %%r11, %[general]\n"
			 EACH(STORE)
			 "fstpl %[x87]\n"
			 "vzeroupper\n"
			 : [general] "+r"(state->before_general), [x87] "=m"(state->x87)
			 : [from] "r"(state->vectors), [to] "r"(state->after),
			   [stop] "r"(&state->stop)
			 : EACH(CLOBBER) "r11", "memory", "cc");
	state->after_general = state->before_general;
	state->rounding = fegetround();
}

#define MODES 4
static const int modes[MODES] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
static struct state states[MODES];

static void *run(void *argument)
{
	int which = *(int *)argument;

	fesetround(modes[which]);
	spin(&states[which]);
	return NULL;
}

int main(void)
{
	static struct thread threads[MODES];
	static int which[MODES];

	roundtrip_begin();
	if (!__builtin_cpu_supports("avx"))
		roundtrip_skip("no AVX");
	for (int i = 0; i < MODES; i++) {
		for (int v = 0; v < VECTORS; v++)
			memset(states[i].vectors[v], 16 * (i + 1) + v, WIDTH);
		states[i].before_general = 0x123456789abcdef0UL + (unsigned long)i;
		which[i] = i;
		thread_start(&threads[i], run, &which[i]);
	}
	usleep(20000);
	cut_with_threads();
	usleep(20000);
	for (int i = 0; i < MODES; i++) {
		states[i].stop = 1;
		thread_join(&threads[i]);
		CHECK(!memcmp(states[i].after, states[i].vectors, sizeof(states[i].after)));
		CHECK_EQUAL(states[i].after_general, 0x123456789abcdef0UL + (unsigned long)i);
		CHECK(states[i].x87 > 3.14159 && states[i].x87 < 3.1416);
		CHECK_EQUAL(states[i].rounding, modes[i]);
	}
	return 0;
}
#else
int main(void)
{
	roundtrip_skip("written for another machine");
}
#endif
