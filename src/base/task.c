/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads about processes and threads from /proc.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/task.h"

static int read_start(int directory, const char *name, char *ret, size_t size)
{
	int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	if (descriptor >= 0) {
		got = read(descriptor, ret, size - 1);
		close(descriptor);
	}
	ret[got > 0 ? got : 0] = 0;
	return got < 0 ? -1 : 0;
}

int task_read(pid_t tid, const char *name, char *ret, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, name);
	return read_start(AT_FDCWD, path, ret, size);
}

int task_status(pid_t tid, const char *key, char *ret, size_t size)
{
	char text[8192], *line = text;
	size_t length = strlen(key);

	ret[0] = 0;
	if (task_read(tid, "status", text, sizeof(text)))
		return -1;
	while (line && !(strncmp(line, key, length) == 0 && line[length] == ':')) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return 0;
	line += length + 1;
	line += strspn(line, " \t");
	snprintf(ret, size, "%.*s", (int)strcspn(line, "\n"), line);
	return 0;
}

long task_status_number(pid_t tid, const char *key)
{
	char text[64];

	task_status(tid, key, text, sizeof(text));
	return text[0] ? atol(text) : -1;
}

uint32_t task_filters(pid_t tid)
{
	long count = task_status_number(tid, "Seccomp_filters");

	if (count > 0)
		return (uint32_t)count;
	return task_status_number(tid, "Seccomp") > 0;
}

uint64_t task_start(pid_t tid)
{
	char line[512];
	const char *rest;

	task_read(tid, "stat", line, sizeof(line));
	rest = strrchr(line, ')'); /* after the name, which may contain any characters */
	for (int field = 2; rest && field < 22; field++)
		rest = strchr(rest + 1, ' ');
	return rest ? strtoull(rest, NULL, 10) : 0;
}

void task_name(pid_t tid, char ret[17])
{
	char text[32];

	task_read(tid, "comm", text, sizeof(text));
	text[strcspn(text, "\n")] = 0;
	snprintf(ret, 17, "%.16s", text);
}

unsigned task_flags(int directory, const char *name)
{
	char line[512];
	const char *rest;
	unsigned flags;

	read_start(directory, name, line, sizeof(line));
	rest = strrchr(line, ')'); /* after the name, which may contain any characters */
	if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return PF_EXITING;
	return flags;
}
