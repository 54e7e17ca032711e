/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a process in /proc.
 */
#define _GNU_SOURCE
#include <fcntl.h>
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

char *process_readlink(int directory, const char *name)
{
	char buffer[4097];
	ssize_t length = readlinkat(directory, name, buffer, sizeof(buffer) - 1);

	if (length < 0)
		return NULL;
	buffer[length] = 0;
	return xstrdup(buffer);
}
