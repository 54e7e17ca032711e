/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a process in /proc.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "process/proc_files.h"

FILE *process_open(int directory, const char *name)
{
	int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC);

	return descriptor < 0 ? NULL : fdopen(descriptor, "r");
}

const char *process_thread_status(int directory, uint32_t tid, const char *name,
				  char line[256])
{
	const char *value = NULL;
	char path[40] = "status";
	FILE *stream;

	if (tid)
		snprintf(path, sizeof(path), "task/%u/status", tid);
	stream = process_open(directory, path);
	if (!stream)
		return NULL;
	while (!value && fgets(line, 256, stream))
		if (!strncmp(line, name, strlen(name)))
			value = line + strlen(name) + strspn(line + strlen(name), " \t");
	fclose(stream);
	return value;
}

char *process_status_line(int directory, uint32_t tid, const char *name)
{
	char path[40], *line = NULL;
	FILE *stream;
	size_t room = 0;
	bool found = false;

	snprintf(path, sizeof(path), "task/%u/status", tid);
	stream = process_open(directory, path);
	while (stream && !found && getline(&line, &room, stream) > 0)
		found = !strncmp(line, name, strlen(name));
	if (stream)
		fclose(stream);
	if (found)
		return line;
	free(line);
	return NULL;
}

char *process_readlink(int directory, const char *name)
{
	char buffer[4097];
	ssize_t length = readlinkat(directory, name, buffer, sizeof(buffer) - 1);

	if (length < 0)
		return NULL;
	buffer[length] = 0;
	return xstrdup(buffer);
}
