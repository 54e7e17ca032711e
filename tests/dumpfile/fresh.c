/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints values that must differ in each process, one a line, and ends by freeing a block
 * twice: fresh FILE|-. Dumps itself first, or with "-" waits to be dumped. Before that it
 * prints its own values.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <unexec.h>

/* x86-64 */
static uint64_t canary(void)
{
	uint64_t word, offset = 0x28;

	__asm__ volatile("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
	return word;
}

/* The TID that libc believes in: the owner of a mutex. */
static int libcs_tid(void)
{
	pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	int owner;

	pthread_mutex_lock(&mutex);
	owner = mutex.__data.__owner;
	pthread_mutex_unlock(&mutex);
	return owner;
}

static void tell(void)
{
	const uint64_t *random = (const uint64_t *)getauxval(AT_RANDOM);
	uint64_t drawn;

	if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		exit(1);
	printf("canary %016llx\n", (unsigned long long)canary());
	printf("AT_RANDOM %016llx %016llx\n", (unsigned long long)random[0],
	       (unsigned long long)random[1]);
	printf("getrandom %016llx\n", (unsigned long long)drawn);
	printf("TID %d %d\n", (int)syscall(SYS_gettid), libcs_tid());
	fflush(stdout);
}

static int dump(const char *path)
{
	char byte;

	if (path[0] != '-')
		return unexec_dump(path, NULL, NULL);
	printf("waits %d\n", (int)getpid());
	fflush(stdout);
	return read(0, &byte, 1) < 0 ? -1 : UNEXEC_RESUMED;
}

int main(int argc, char **argv)
{
	void *volatile block = malloc(100), *volatile again = block;
	int status;

	if (argc != 2)
		return 2;
	tell();
	free(block);
	status = dump(argv[1]);
	if (status != UNEXEC_RESUMED)
		return status < 0;
	tell();
	/* Libc checks for a double free by a key in the block, which was set before the dump. */
	free(again);
	return 0;
}
