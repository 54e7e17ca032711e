/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes its mappings to the file "before", is dumped, and writes its mappings to "after":
 * protection FILE|- THREADS. With "-" it waits to be dumped.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <unexec.h>

static char text[1 << 20];

/* Uses memory that exists already and leaves no descriptor open. */
static void save_maps(const char *path)
{
	int from = open("/proc/self/maps", O_RDONLY), to;
	size_t length = 0;
	ssize_t got;

	while ((got = read(from, text + length, sizeof(text) - length)) > 0)
		length += (size_t)got;
	close(from);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (got < 0 || to < 0 || write(to, text, length) != (ssize_t)length)
		exit(1);
	close(to);
}

static void *sleep_long(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char byte;
	int status = UNEXEC_RESUMED;

	if (argc != 3)
		return 2;
	for (int i = 0; i < atoi(argv[2]); i++)
		if (pthread_create(&thread, NULL, sleep_long, NULL))
			return 1;
	/* The library needs some memory for its first dump. */
	if (argv[1][0] != '-' && unexec_dump("unused", NULL, NULL) < 0)
		return 1;
	if (unexec_generation())
		return 0;
	save_maps("before");
	if (argv[1][0] != '-')
		status = unexec_dump(argv[1], NULL, NULL);
	else if (read(0, &byte, 1) < 0)
		return 1;
	if (status != UNEXEC_RESUMED)
		return status < 0;
	save_maps("after");
	return 0;
}
