/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists the children of a process.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/task.h"
#include "process/children_list.h"
#include "process/proc_files.h"

/* For each child of the process that has the directory `proc`: each(context, child). */
struct listing {
	int proc;
	void (*each)(void *context, pid_t child);
	void *context;
};

/* The children of one thread, unless it has ended. */
static void list_children_of(const struct listing *listing, const char *tid)
{
	char path[64];
	FILE *stream;
	int child;

	snprintf(path, sizeof(path), "task/%.20s/children", tid);
	stream = process_open(listing->proc, path);
	while (stream && fscanf(stream, "%d", &child) == 1)
		listing->each(listing->context, child);
	if (stream)
		fclose(stream);
}

/* The process's number in /proc. 0: unknown. */
static pid_t number_in_proc(int proc)
{
	FILE *stream = process_open(proc, "stat");
	int number = 0;

	if (stream && fscanf(stream, "%d", &number) != 1)
		number = 0;
	if (stream)
		fclose(stream);
	return number;
}

/* Calls `each` for the entries of a directory that are numbers. 0, or -1 with errno. */
static int list_numbers(const struct listing *listing, const char *name,
			void (*each)(const struct listing *listing, const char *entry))
{
	int directory = openat(listing->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;
	int error;

	if (!list)
		return -1;
	while (errno = 0, (entry = readdir(list)))
		if (isdigit((unsigned char)entry->d_name[0]))
			each(listing, entry->d_name);
	error = errno;
	closedir(list);
	errno = error;
	return error ? -1 : 0;
}

static void list_if_child(const struct listing *listing, const char *pid)
{
	pid_t number = (pid_t)atol(pid);

	if (task_status_number(number, "PPid") == number_in_proc(listing->proc))
		listing->each(listing->context, number);
}

/* Kernels without CONFIG_PROC_CHILDREN do not list the children of a thread. */
int children_list(int proc, void (*each)(void *context, pid_t child), void *context)
{
	const struct listing listing = { proc, each, context };
	char path[64];

	snprintf(path, sizeof(path), "task/%d/children", (int)number_in_proc(proc));
	if (faccessat(proc, path, F_OK, 0) && errno == ENOENT)
		return list_numbers(&listing, "..", list_if_child);
	return list_numbers(&listing, "task", list_children_of);
}
