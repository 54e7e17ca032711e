/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws random bytes from both generators of OpenSSL or GnuTLS in two threads, is dumped, and
 * draws and prints again: generator FILE|- [OPTION]… With "-" it waits to be dumped and has one
 * thread. It loads the library as interpreters do. Options: "gnutls"; "unused", to draw nothing
 * before the dump; "signal", to wait in a signal handler.
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

static bool gnutls, unused, in_handler;
static sem_t turn, done;

typedef int openssl_function(unsigned char *bytes, int count);
typedef int gnutls_function(int level, void *bytes, size_t count);
static openssl_function *openssl[2]; /* public, private */
static gnutls_function *gnutls_rnd;

static bool load(void)
{
	static const char *const names[] = { "libcrypto.so.3", "libcrypto.so.1.1",
					     "libcrypto.so.1.0.0" };
	void *module = gnutls ? dlopen("libgnutls.so.30", RTLD_NOW | RTLD_LOCAL) : NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !module && !gnutls; i++)
		module = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!module)
		return false;
	openssl[0] = (openssl_function *)dlsym(module, "RAND_bytes");
	openssl[1] = (openssl_function *)dlsym(module, "RAND_priv_bytes");
	if (!openssl[1])
		openssl[1] = openssl[0];
	gnutls_rnd = (gnutls_function *)dlsym(module, "gnutls_rnd");
	return true;
}

/* Draws from one of the library's two generators, `kind` 0 or 1. */
static bool draw_bytes(int kind, unsigned char *bytes, int count)
{
	if (gnutls)
		return gnutls_rnd(kind + 1, bytes, (size_t)count) == 0;
	return openssl[kind](bytes, count) == 1;
}

static void draw(const char *who)
{
	unsigned char bytes[2][16];

	if (!draw_bytes(0, bytes[0], 16) || !draw_bytes(1, bytes[1], 16))
		exit(1);
	printf("%s", who);
	for (int i = 0; i < 32; i++)
		printf("%s%02x", i % 16 ? "" : " ", bytes[i / 16][i % 16]);
	printf("\n");
	fflush(stdout);
}

static void *in_thread(void *argument)
{
	for (;;) {
		while (sem_wait(&turn))
			;
		draw("thread");
		sem_post(&done);
	}
	return argument;
}

static int dump(const char *path)
{
	char byte;

	if (path[0] != '-')
		return unexec_dump(path, NULL, NULL);
	if (in_handler)
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
	bool threads = argc > 1 && argv[1][0] != '-';
	pthread_t thread;
	int status;

	for (int i = 2; i < argc; i++) {
		gnutls |= !strcmp(argv[i], "gnutls");
		unused |= !strcmp(argv[i], "unused");
		in_handler |= !strcmp(argv[i], "signal");
	}
	if (argc < 2 || !load())
		return 77;
	signal(SIGUSR1, on_signal);
	sem_init(&turn, 0, 0);
	sem_init(&done, 0, 0);
	if (threads) {
		pthread_create(&thread, NULL, in_thread, NULL);
		sem_post(&turn);
		sem_wait(&done);
	}
	if (!unused)
		draw("main");
	status = dump(argv[1]);
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
