/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that computes in vector registers: registers none|avx|avx512 [DUMP]. One thread has
 * values in them, another one is in a handler that has interrupted code with others. Dumps itself
 * to DUMP, or waits for standard input, to be dumped from outside; the dump checks all and prints
 * 42. With "core" in place of DUMP it ends with a core.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <unexec.h>

static volatile int ready, stop;
static int width;

static void wrong(const char *what)
{
	printf("wrong: %s\n", what);
	exit(1);
}

#define SPIN "movl $1, (%[ready])\n1: pause\ncmpl $0, (%[stop])\nje 1b\n"

__attribute__((target("avx2"))) static void spin_avx(const void *from, void *to)
{
	__asm__ volatile("vbroadcasti128 (%[from]), %%ymm9\n" SPIN
			 "vmovdqu %%ymm9, (%[to])\nvzeroupper\n"
			 : : [from] "r"(from), [to] "r"(to), [ready] "r"(&ready),
			     [stop] "r"(&stop) : "xmm9", "memory", "cc");
}

__attribute__((target("avx512f"))) static void spin_avx512(const void *from, void *to)
{
	__asm__ volatile("vbroadcasti32x4 (%[from]), %%zmm20\n" SPIN
			 "vmovdqu64 %%zmm20, (%[to])\nvzeroupper\n"
			 : : [from] "r"(from), [to] "r"(to), [ready] "r"(&ready),
			     [stop] "r"(&stop) : "xmm20", "memory", "cc");
}

static void spin_sse(const void *from, void *to)
{
	__asm__ volatile("movdqu (%[from]), %%xmm9\n" SPIN "movdqu %%xmm9, (%[to])\n"
			 : : [from] "r"(from), [to] "r"(to), [ready] "r"(&ready),
			     [stop] "r"(&stop) : "xmm9", "memory", "cc");
}

static void *spin(void *number)
{
	unsigned char from[16], to[64];

	for (int i = 0; i < 16; i++)
		from[i] = (unsigned char)(*(int *)number * 50 + i);
	if (width == 64)
		spin_avx512(from, to);
	else if (width == 32)
		spin_avx(from, to);
	else
		spin_sse(from, to);
	for (int i = 0; i < width; i += 16)
		if (memcmp(from, to + i, 16))
			wrong(*(int *)number == 1 ? "registers" : "registers of a handler");
	return NULL;
}

static volatile int inside;

static void on_signal(int signal)
{
	static int number = 3;

	(void)signal;
	inside = 1;
	spin(&number);
}

static void start(pthread_t *thread, int *number)
{
	ready = 0;
	if (pthread_create(thread, NULL, spin, number))
		wrong("pthread_create");
	while (!ready)
		usleep(1000);
}

static void dump(const char *path)
{
	struct unexec_options options = { .size = sizeof(options),
					  .threads = UNEXEC_THREADS_KEEP };
	char byte;
	int status;

	if (!path) {
		if (read(0, &byte, 1) < 0)
			wrong("read");
		return;
	}
	if (!strcmp(path, "core")) {
		raise(SIGQUIT); /* the dump continues after it */
		return;
	}
	status = unexec_dump(path, &options, NULL);
	if (status != UNEXEC_RESUMED)
		exit(status < 0);
}

int main(int argc, char **argv)
{
	static int numbers[] = { 1, 2 };
	pthread_t threads[2];

	width = argc < 2 || !strcmp(argv[1], "none") ? 16 : strcmp(argv[1], "avx") ? 64 : 32;
	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 2; i++)
		start(&threads[i], &numbers[i]);
	pthread_kill(threads[1], SIGUSR1);
	while (!inside)
		usleep(1000);
	usleep(10000);
	dump(argc > 2 ? argv[2] : NULL);
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("42\n");
	return 0;
}
