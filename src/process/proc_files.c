/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a process in /proc.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "process/proc_files.h"

FILE *process_open(int directory, const char *name)
{
	int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC);

	return descriptor < 0 ? NULL : fdopen(descriptor, "r");
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
