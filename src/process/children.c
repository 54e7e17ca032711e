/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the children of the process, which the dump lacks. In the dump, a wait for one fails:
 * many programs take that for success.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/task.h"
#include "process/children_list.h"
#include "process/kernel_state.h"

#define NAMED_MOST 12 /* so many are named; the rest are counted */

struct children {
	struct process *process;
	size_t count;
	char text[NAMED_MOST * 40]; /* ", 1234 (name)" of each */
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

static void add_child(void *context, pid_t child)
{
	struct children *children = context;
	char name[17], stat[64];
	size_t length = strlen(children->text);
	const char *state;

	if (makes_the_dump(child))
		return;
	task_name(child, name);
	if (inherited_has_child(&children->process->inherited, child)) {
		report_note(children->process->report, CHILDREN, "child %d (%s) was inherited: "
			    "it is not in the dump", (int)child, name);
		return;
	}
	if (children->count++ >= NAMED_MOST)
		return;
	task_read(child, "stat", stat, sizeof(stat));
	state = strrchr(stat, ')');
	snprintf(children->text + length, sizeof(children->text) - length, ", %d (%s%s)",
		 (int)child, name,
		 state && (state[2] == 'Z' || state[2] == 'X') ? ", ended" : "");
}

void process_check_children(struct process *process)
{
	struct children children = { .process = process };
	const char *plural, *names = children.text + 2;
	char more[40] = "";

	if (children_list(process->handoff.fds.original, add_child, &children))
		report_errno(process->report, NO_PROC, "cannot list the children");
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
