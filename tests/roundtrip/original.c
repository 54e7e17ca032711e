/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The original is not changed: memory, descriptors, signals, timers and children are as they
 * were before the dump, and it can dump again.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int children;

static void on_child(int number)
{
	(void)number;
	children++;
}

static char *list_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	char *list = calloc(1, 65536);
	struct dirent *entry;

	while ((entry = readdir(directory))) {
		char path[300], target[300] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		if (readlink(path, target, sizeof(target) - 1) > 0)
			strcat(strcat(strcat(list, entry->d_name), target), "\n");
	}
	closedir(directory);
	return list;
}

/* Returns the number of lines of /proc/self/maps; malloc may change the lines themselves. */
static int count_maps(void)
{
	char *maps = roundtrip_read("/proc/self/maps");
	int count = 0;

	for (char *p = maps; (p = strchr(p, '\n')); p++)
		count++;
	free(maps);
	return count;
}

static char *signal_lines(void)
{
	char *status = roundtrip_read("/proc/self/status");
	char *start = strstr(status, "SigPnd:"), *end = strstr(start, "CapInh:");

	*end = 0;
	return start;
}

int main(void)
{
	char *descriptors, *signals, *dump, *block;
	sigset_t blocked;
	int maps;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	CHECK(fopen("/etc/passwd", "r"));
	signal(SIGCHLD, on_child);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	block = malloc(1 << 20);
	memset(block, 9, 1 << 20);
	CHECK_EQUAL(roundtrip_dump(dump, NULL), UNEXEC_DUMPED); /* loads what it needs */
	descriptors = list_descriptors();
	signals = signal_lines();
	maps = count_maps();
	for (int i = 0; i < 5; i++) {
		if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED)
			return 42;
		CHECK_EQUAL(unexec_generation(), 0);
	}
	CHECK_STRING(list_descriptors(), descriptors);
	CHECK_STRING(signal_lines(), signals);
	CHECK(abs(count_maps() - maps) <= 1);
	CHECK_EQUAL(children, 0);
	CHECK(waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD);
	for (int i = 0; i < 1 << 20; i++)
		if (block[i] != 9)
			CHECK_EQUAL(block[i], 9);
	signal(SIGCHLD, SIG_DFL);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 42);
	_exit(0);
}
