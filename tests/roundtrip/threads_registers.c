/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that computes and makes no calls keeps its registers in the dump: general, vector
 * and floating-point ones, and its rounding mode; even on another CPU at the start.
 */
#define _GNU_SOURCE
#include <fenv.h>

#include "../lib/spoil_vdso.h"
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

#define WIDE 32
#define MASKS 7
static struct wide {
	unsigned char vectors[WIDE][64], after[WIDE][64];
	unsigned long masks[MASKS + 1], masks_after[MASKS + 1];
	volatile int stop;
} wide;

#define WIDE_EACH(X) EACH(X) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) \
	X(27) X(28) X(29) X(30) X(31)
#define WIDE_LOAD(n) "vmovdqu64 " #n "*64(%[from]), %%zmm" #n "\n"
#define WIDE_STORE(n) "vmovdqu64 %%zmm" #n ", " #n "*64(%[to])\n"
#define MASK_EACH(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define MASK_LOAD(n) "kmovq " #n "*8(%[masks]), %%k" #n "\n"
#define MASK_STORE(n) "kmovq %%k" #n ", " #n "*8(%[masks_after])\n"
#define MASK_CLOBBER(n) "k" #n,

__attribute__((target("avx512f,avx512bw"))) static void *spin_wide(void *unused)
{
	__asm__ volatile(WIDE_EACH(WIDE_LOAD) MASK_EACH(MASK_LOAD)
			 "1: pause\n"
			 "cmpl $0, (%[stop])\n"
			 "je 1b\n"
			 WIDE_EACH(WIDE_STORE) MASK_EACH(MASK_STORE)
			 "vzeroupper\n"
			 : : [from] "r"(wide.vectors), [to] "r"(wide.after),
			     [masks] "r"(wide.masks), [masks_after] "r"(wide.masks_after),
			     [stop] "r"(&wide.stop)
			 : WIDE_EACH(CLOBBER) MASK_EACH(MASK_CLOBBER) "memory", "cc");
	return unused;
}

static struct thread wide_thread;

static void start_wide(void)
{
	for (int i = 0; i < WIDE; i++)
		for (int at = 0; at < 64; at++)
			wide.vectors[i][at] = (unsigned char)(i * 64 + at * 7 + 1);
	for (int i = 1; i <= MASKS; i++)
		wide.masks[i] = 0x1234567887654321UL * (unsigned long)i;
	thread_start(&wide_thread, spin_wide, NULL);
}

static void check_wide(void)
{
	wide.stop = 1;
	thread_join(&wide_thread);
	CHECK(!memcmp(wide.vectors, wide.after, sizeof(wide.vectors)));
	CHECK(!memcmp(wide.masks, wide.masks_after, sizeof(wide.masks)));
}

#define MODES 4
static const int modes[MODES] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
static struct state states[MODES];
static struct thread threads[MODES];

static void *run(void *argument)
{
	int which = *(int *)argument;

	fesetround(modes[which]);
	spin(&states[which]);
	return NULL;
}

static void start_all(void)
{
	static int which[MODES];

	for (int i = 0; i < MODES; i++) {
		for (int v = 0; v < VECTORS; v++)
			memset(states[i].vectors[v], 16 * (i + 1) + v, WIDTH);
		states[i].before_general = 0x123456789abcdef0UL + (unsigned long)i;
		which[i] = i;
		thread_start(&threads[i], run, &which[i]);
	}
}

static void check_all(void)
{
	for (int i = 0; i < MODES; i++) {
		states[i].stop = 1;
		thread_join(&threads[i]);
		CHECK(!memcmp(states[i].after, states[i].vectors, sizeof(states[i].after)));
		CHECK_EQUAL(states[i].after_general, 0x123456789abcdef0UL + (unsigned long)i);
		CHECK(states[i].x87 > 3.14159 && states[i].x87 < 3.1416);
		CHECK_EQUAL(states[i].rounding, modes[i]);
	}
}

static void believe_in_another_cpu(void)
{
	spoil_frames(roundtrip_path("dump"));
}

/* The first dump starts with frames as they were written. The second starts as if another CPU
 * had written them, whose frames the kernel would reject. The third does the same, with the
 * frames that the second start has moved. */
static void cut_all_ways(void)
{
	const struct roundtrip other = { .options = &keep_all,
					 .prepare = believe_in_another_cpu };

	for (int i = 0; i < 3; i++) {
		usleep(20000);
		roundtrip_cut_with(i ? &other : &(struct roundtrip){ .options = &keep_all });
	}
	usleep(20000);
}

int main(void)
{
	bool has_wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");

	roundtrip_begin();
	if (!__builtin_cpu_supports("avx"))
		roundtrip_skip("no AVX");
	start_all();
	if (has_wide)
		start_wide();
	cut_all_ways();
	check_all();
	if (has_wide)
		check_wide();
	return 0;
}
#else
int main(void)
{
	roundtrip_skip("written for another machine");
}
#endif
