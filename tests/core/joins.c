/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waits for a thread, which ends as soon as the given file exists.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_for_file(void *name)
{
	while (access(name, F_OK))
		usleep(1000);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2 || pthread_create(&thread, NULL, wait_for_file, argv[1]))
		return 1;
	puts("started");
	fflush(stdout);
	pthread_join(thread, NULL);
	puts("joined");
	return 0;
}
