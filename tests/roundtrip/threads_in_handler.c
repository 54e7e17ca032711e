/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that is in a signal handler returns from it with the vector registers that it had,
 * even on another CPU at the start: on its own stack, on an alternate one, and on both, one
 * handler within the other.
 */
#define _GNU_SOURCE
#include <signal.h>

#include "../lib/spoil_vdso.h"
#include "threads.h"

#if defined(__x86_64__)
#define VECTORS 16
#define WIDTH 32

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) \
	X(14) X(15)
#define LOAD(n) "vmovdqu " #n "*32(%[from]), %%ymm" #n "\n"
#define STORE(n) "vmovdqu %%ymm" #n ", " #n "*32(%[to])\n"
#define CLOBBER(n) "xmm" #n,

struct vectors {
	unsigned char at[VECTORS][WIDTH];
};

/* Sends this thread the signal, with these values in the registers. */
__attribute__((target("avx"))) static void call(int number, unsigned char first)
{
	struct vectors before, after;
	long result = SYS_tgkill;

	for (int i = 0; i < VECTORS; i++)
		memset(before.at[i], first + i, WIDTH);
	__asm__ volatile(EACH(LOAD) "syscall\n" EACH(STORE) "vzeroupper\n"
			 : "+a"(result)
			 : "D"((long)getpid()), "S"(syscall(SYS_gettid)), "d"((long)number),
			   [from] "r"(&before), [to] "r"(&after)
			 : EACH(CLOBBER) "rcx", "r11", "memory", "cc");
	CHECK_EQUAL(result, 0);
	CHECK(!memcmp(&before, &after, sizeof(before)));
}

static char alternate[2][65536];
static volatile int waiting, stop;

static void on_inner(int number)
{
	(void)number;
	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	while (!stop)
		;
}

static void on_outer(int number)
{
	(void)number;
	call(SIGUSR2, 0x80);
}

static void *run(void *argument)
{
	int which = *(int *)argument;
	static const int signals[] = { SIGUSR2, SIGHUP, SIGUSR1 };
	stack_t stack = { .ss_sp = alternate[which / 2], .ss_size = sizeof(*alternate) };

	if (which)
		CHECK(!sigaltstack(&stack, NULL));
	call(signals[which], (unsigned char)(which * 16));
	return NULL;
}

static void handle(int number, void (*handler)(int), int flags)
{
	const struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	CHECK(!sigaction(number, &action, NULL));
}

#define THREADS 3
#define FRAMES 4 /* one of the threads is in two handlers */

static void believe_in_another_cpu(void)
{
	CHECK_EQUAL(spoil_vdso_plan(roundtrip_path("dump")).frames.count, FRAMES);
	spoil_frames(roundtrip_path("dump"));
}

int main(void)
{
	const struct roundtrip other = { .options = &keep_all,
					 .prepare = believe_in_another_cpu };
	static struct thread threads[THREADS];
	static int which[THREADS] = { 0, 1, 2 };

	roundtrip_begin();
	if (!__builtin_cpu_supports("avx"))
		roundtrip_skip("no AVX");
	handle(SIGUSR2, on_inner, 0);
	handle(SIGHUP, on_inner, SA_ONSTACK);
	handle(SIGUSR1, on_outer, SA_ONSTACK);
	for (int i = 0; i < THREADS; i++)
		thread_start(&threads[i], run, &which[i]);
	while (waiting < THREADS)
		usleep(1000);
	for (int i = 0; i < 3; i++)
		roundtrip_cut_with(i ? &other : &(struct roundtrip){ .options = &keep_all });
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	return 0;
}
#else
int main(void)
{
	roundtrip_skip("written for another machine");
}
#endif
