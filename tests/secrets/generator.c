/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws random bytes from OpenSSL, in two threads and of both kinds, is dumped, and prints what
 * it draws then: generator FILE|-. With "-" it waits to be dumped. OpenSSL is loaded as
 * interpreters do it, and not at all unless RAND_bytes has a use: generator - unused.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unexec.h>

typedef int draw_function(unsigned char *bytes, int count);
static draw_function *draw_public, *draw_private;
static sem_t turn, done;

static void *load(void)
{
	static const char *const names[] = { "libcrypto.so.3", "libcrypto.so.1.1",
					     "libcrypto.so.1.0.0" };
	void *module = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !module; i++)
		module = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return module;
}

static void draw(const char *who)
{
	unsigned char bytes[2][16];

	if (draw_public(bytes[0], 16) != 1 || draw_private(bytes[1], 16) != 1)
		exit(1);
	printf("%s", who);
	for (int i = 0; i < 32; i++)
		printf("%s%02x", i % 16 ? "" : " ", bytes[i / 16][i % 16]);
	printf("\n");
	fflush(stdout);
}

static void *in_thread(void *unused)
{
	for (;;) {
		while (sem_wait(&turn))
			;
		draw("thread");
		sem_post(&done);
	}
	return unused;
}

static int dump(const char *path, char use)
{
	char byte;

	if (path[0] != '-')
		return unexec_dump(path, NULL, NULL);
	if (use == 's')
		kill(getpid(), SIGUSR1);
	return read(0, &byte, 1) < 0 ? -1 : UNEXEC_RESUMED;
}

static void on_signal(int number)
{
	char byte;

	(void)number;
	if (read(0, &byte, 1) < 0)
		exit(1);
}

int main(int argc, char **argv)
{
	void *module = load();
	char use = argc > 2 ? argv[2][0] : 'a';
	bool threads = argc > 1 && argv[1][0] != '-';
	pthread_t thread;
	int status;

	if (!module || argc < 2)
		return 77;
	draw_public = (draw_function *)dlsym(module, "RAND_bytes");
	draw_private = (draw_function *)dlsym(module, "RAND_priv_bytes");
	if (!draw_private)
		draw_private = draw_public;
	signal(SIGUSR1, on_signal);
	sem_init(&turn, 0, 0);
	sem_init(&done, 0, 0);
	if (threads) {
		pthread_create(&thread, NULL, in_thread, NULL);
		sem_post(&turn);
		sem_wait(&done);
	}
	if (use != 'u')
		draw("main");
	status = dump(argv[1], use);
	if (status != UNEXEC_RESUMED)
		return status < 0;
	printf("pid %d\n", (int)getpid());
	draw("main");
	if (threads) {
		sem_post(&turn);
		sem_wait(&done);
	}
	return 0;
}
