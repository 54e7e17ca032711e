/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that cores are made of: prints "before", waits until a file `go` exists, checks its
 * state, and prints "after". At the same time one thread waits, one computes in vector registers,
 * and one holds an error-checking mutex.
 *
 *   subject [abort | crash | shared]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCKS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t checked;
static volatile bool going_on;
static int *volatile nowhere = (int *)8;
static __thread int own = 1;

static void check(bool good, const char *what)
{
	if (good)
		return;
	printf("wrong: %s\n", what);
	exit(1);
}

static void *wait_for_it(void *arg)
{
	(void)arg;
	own = 2;
	pthread_mutex_lock(&lock);
	while (!going_on)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	check(own == 2, "a thread's own variable");
	return &lock;
}

/* A sum that never leaves the registers and is not a whole number at any time. */
static void *compute(void *arg)
{
	double sum = 0.5;
	unsigned long rounds = 0;

	(void)arg;
	while (!going_on) {
		__asm__ volatile("" : "+x"(sum));
		sum += 1.0;
		rounds++;
	}
	check(sum == 0.5 + (double)rounds, "vector registers");
	return &lock;
}

static void *hold(void *arg)
{
	(void)arg;
	check(!pthread_mutex_lock(&checked), "pthread_mutex_lock");
	while (!going_on)
		usleep(1000);
	check(!pthread_mutex_unlock(&checked), "unlocking what a thread holds");
	return &lock;
}

static void check_numbers(void)
{
	unsigned cpu;

	check(gettid() == syscall(SYS_gettid) && getpid() == gettid(), "gettid");
	check(pthread_mutex_lock(&checked) == 0 && pthread_mutex_lock(&checked) == EDEADLK,
	      "who holds a mutex");
	for (int i = 0; i < 100; i++) { /* it may be moved in between */
		check(!syscall(SYS_getcpu, &cpu, NULL, NULL), "getcpu");
		if (sched_getcpu() == (int)cpu)
			return;
	}
	check(false, "sched_getcpu");
}

static void check_heap(char **blocks)
{
	for (int i = 0; i < BLOCKS; i++) {
		check(blocks[i][0] == (char)i && blocks[i][i] == (char)i, "the heap");
		blocks[i] = realloc(blocks[i], (size_t)i + 3000);
		check(blocks[i] && blocks[i][i] == (char)i, "the heap when it grows");
		free(blocks[i]);
	}
}

/* Two pages of the file, if it is there. */
static const char *map_file(const char *name, int prot, int flags)
{
	int fd = open(name, prot & PROT_WRITE ? O_RDWR : O_RDONLY);
	char *bytes = fd < 0 ? NULL : mmap(NULL, 8192, prot, flags, fd, 0);

	check(bytes != MAP_FAILED, "mmap");
	if (fd >= 0)
		close(fd);
	return bytes;
}

int main(int argc, char **argv)
{
	static void *(*const work[])(void *) = { wait_for_it, compute, hold };
	const char *mode = argc > 1 ? argv[1] : "";
	pthread_t threads[3];
	pthread_mutexattr_t kind;
	const char *data = map_file("data", PROT_READ, MAP_PRIVATE);
	const char *base = map_file("base", PROT_READ | PROT_WRITE, MAP_SHARED);
	char *blocks[BLOCKS], *shared;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&checked, &kind);
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc((size_t)i + 1);
		memset(blocks[i], i, (size_t)i + 1);
	}
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(shared, "shared");
	for (int i = 0; i < 3; i++)
		check(!pthread_create(&threads[i], NULL, work[i], NULL), "pthread_create");
	usleep(20000);
	puts("before");
	fflush(stdout);
	if (!strcmp(mode, "abort"))
		kill(getpid(), SIGABRT);
	if (!strcmp(mode, "crash"))
		*nowhere = 1;
	while (strcmp(mode, "abort") && access("go", F_OK))
		usleep(1000);

	pthread_mutex_lock(&lock);
	going_on = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 3; i++) {
		void *result;

		check(!pthread_join(threads[i], &result) && result == &lock, "pthread_join");
	}
	check_numbers();
	check_heap(blocks);
	check(!strcmp(shared, "shared"), "shared memory");
	if (data)
		printf("data: %.4s %.4s\n", data, data + 4096);
	if (base)
		printf("base: %.4s\n", base);
	printf("after: %s, %s\n", getenv("WHEN") ? getenv("WHEN") : "no environment",
	       program_invocation_name);
	return 0;
}
