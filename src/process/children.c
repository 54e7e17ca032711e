/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the children of the process, which the dump lacks. In the dump, a wait for one fails:
 * many programs take that for success.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/task.h"
#include "process/children.h"
#include "process/children_list.h"
#include "process/kernel_state.h"

#define NAMED_MOST 12 /* so many are named; the rest are counted */

struct children {
	const struct inherited *inherited;
	struct report *report; /* NULL: only those that run count, and no note is made */
	size_t count;
	char names[NAMED_MOST * 40]; /* ", 1234 (name)" of each */
};

/* Returns whether the child is this process or one of its ancestors: the frozen copy, or the
 * program that has started unexec (sudo, a shell). */
static bool makes_the_dump(pid_t child)
{
	pid_t ancestor = getpid();

	while (ancestor > 1 && ancestor != child)
		ancestor = (pid_t)task_status_number(ancestor, "PPid");
	return ancestor == child;
}

static bool has_ended(pid_t child)
{
	char stat[64];
	const char *state;

	task_read(child, "stat", stat, sizeof(stat));
	state = strrchr(stat, ')');
	return !state || state[2] == 'Z' || state[2] == 'X';
}

static void add_child(void *context, pid_t child)
{
	struct children *children = context;
	bool ended = has_ended(child);
	char name[17];
	size_t length = strlen(children->names);

	if (makes_the_dump(child) || (ended && !children->report))
		return;
	task_name(child, name);
	if (inherited_has_child(children->inherited, child)) {
		if (children->report)
			report_note(children->report, CHILDREN, "child %d (%s) was inherited: "
				    "it is not in the dump", (int)child, name);
		return;
	}
	if (children->count++ >= NAMED_MOST)
		return;
	snprintf(children->names + length, sizeof(children->names) - length, ", %d (%s%s)",
		 (int)child, name, ended ? ", ended" : "");
}

/* "2 children, 1234 (name), 1235 (name)" */
static void describe(const struct children *children, char ret[CHILDREN_TEXT])
{
	char more[40] = "";

	if (children->count > NAMED_MOST)
		snprintf(more, sizeof(more), " and %zu more", children->count - NAMED_MOST);
	snprintf(ret, CHILDREN_TEXT, "%zu child%s%s%s", children->count,
		 children->count == 1 ? "" : "ren", children->names, more);
}

bool children_describe(pid_t pid, const struct inherited *inherited, char ret[CHILDREN_TEXT])
{
	struct children children = { .inherited = inherited };
	char path[32];
	int proc;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc >= 0) {
		children_list(proc, add_child, &children);
		close(proc);
	}
	describe(&children, ret);
	return children.count > 0;
}

void process_check_children(struct process *process)
{
	struct children children = { .inherited = &process->inherited,
				     .report = process->report };
	char text[CHILDREN_TEXT];

	if (children_list(process->handoff.fds.original, add_child, &children))
		report_errno(process->report, NO_PROC, "cannot list the children");
	if (!children.count)
		return;
	describe(&children, text);
	if (process->handoff.children == UNEXEC_CHILDREN_IGNORE)
		report_warning(process->report, CHILDREN, "the process has %s, not in the dump",
			       text);
	else
		report_error(process->report, CHILDREN,
			     "the process has %s, which would not be in the dump "
			     "(--children=ignore, UNEXEC_CHILDREN_IGNORE)", text);
}
