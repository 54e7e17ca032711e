/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the children of the process, which the dump lacks. In the dump, a wait for one fails:
 * many programs take that for success.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/task.h"
#include "process/kernel_state.h"
#include "process/proc_files.h"

#define NAMED_MOST 12 /* so many are named; the rest are counted */

struct children {
	struct process *process;
	size_t count;
	char text[NAMED_MOST * 40]; /* ", 1234 (name)" of each */
};

/* Is it this process or an ancestor of it: the frozen copy, or what the unexec program has been
 * started by (sudo, a shell)? */
static bool makes_the_dump(pid_t child)
{
	pid_t ancestor = getpid();

	while (ancestor > 1 && ancestor != child)
		ancestor = (pid_t)task_status_number(ancestor, "PPid");
	return ancestor == child;
}

static void add_child(struct children *children, pid_t child)
{
	char name[17], stat[64];
	size_t length = strlen(children->text);
	const char *state;

	if (makes_the_dump(child) || children->count++ >= NAMED_MOST)
		return;
	task_name(child, name);
	task_read(child, "stat", stat, sizeof(stat));
	state = strrchr(stat, ')');
	snprintf(children->text + length, sizeof(children->text) - length, ", %d (%s%s)",
		 (int)child, name,
		 state && (state[2] == 'Z' || state[2] == 'X') ? ", ended" : "");
}

/* Reads the children of one thread, unless it has ended. */
static void add_children_of(struct children *children, const char *tid)
{
	char path[64];
	FILE *stream;
	int child;

	snprintf(path, sizeof(path), "task/%.20s/children", tid);
	stream = process_open(children->process->handoff.fds.original, path);
	while (stream && fscanf(stream, "%d", &child) == 1)
		add_child(children, child);
	if (stream)
		fclose(stream);
}

/* The process's number in /proc. 0: unknown. */
static pid_t number_in_proc(const struct process *process)
{
	FILE *stream = process_open(process->handoff.fds.original, "stat");
	int number = 0;

	if (stream && fscanf(stream, "%d", &number) != 1)
		number = 0;
	if (stream)
		fclose(stream);
	return number;
}

/* Calls `each` for the entries of a directory that are numbers. */
static void list_numbers(struct children *children, const char *name,
			 void (*each)(struct children *children, const char *entry))
{
	int directory = openat(children->process->handoff.fds.original, name,
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = directory < 0 ? NULL : fdopendir(directory);
	struct dirent *entry;

	if (!list) {
		report_errno(children->process->report, NO_PROC, "cannot list the children");
		return;
	}
	while (errno = 0, (entry = readdir(list)))
		if (isdigit((unsigned char)entry->d_name[0]))
			each(children, entry->d_name);
	if (errno)
		report_errno(children->process->report, NO_PROC, "cannot list the children");
	closedir(list);
}

static void add_if_child(struct children *children, const char *pid)
{
	pid_t number = (pid_t)atol(pid);

	if (task_status_number(number, "PPid") == number_in_proc(children->process))
		add_child(children, number);
}

/* Kernels without CONFIG_PROC_CHILDREN do not list the children of a thread. */
static void find_children(struct children *children)
{
	int original = children->process->handoff.fds.original;
	char path[64];

	snprintf(path, sizeof(path), "task/%d/children", (int)number_in_proc(children->process));
	if (faccessat(original, path, F_OK, 0) && errno == ENOENT)
		list_numbers(children, "..", add_if_child);
	else
		list_numbers(children, "task", add_children_of);
}

void process_check_children(struct process *process)
{
	struct children children = { .process = process };
	const char *plural, *names = children.text + 2;
	char more[40] = "";

	find_children(&children);
	if (!children.count)
		return;
	plural = children.count == 1 ? "" : "ren";
	if (children.count > NAMED_MOST)
		snprintf(more, sizeof(more), " and %zu more", children.count - NAMED_MOST);
	if (process->handoff.children == UNEXEC_CHILDREN_IGNORE)
		report_warning(process->report, CHILDREN,
			       "the process has %zu child%s, %s%s, not in the dump",
			       children.count, plural, names, more);
	else
		report_error(process->report, CHILDREN,
			     "the process has %zu child%s, %s%s, which would not be in the dump "
			     "(--children=ignore, UNEXEC_CHILDREN_IGNORE)",
			     children.count, plural, names, more);
}
