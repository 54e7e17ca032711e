/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The known libcs, and the questions that are put to each of them in turn.
 */
#include "libc/libc.h"

const struct libc_backend *const libc_backends[] = { &libc_glibc, &libc_musl, NULL };

bool libc_tid_offset(struct capture *capture, uint64_t *ret_offset)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (libc_backends[i]->tid_offset
		    && libc_backends[i]->tid_offset(capture, ret_offset))
			return true;
	return false;
}

bool libc_is_robust_distance(int64_t distance)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (distance && distance == libc_backends[i]->robust_distance)
			return true;
	return false;
}

void libc_fix_listed(struct capture *capture, size_t thread)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (libc_backends[i]->fix_listed)
			libc_backends[i]->fix_listed(capture, thread);
}

struct range libc_thread_stack(struct capture *capture, uint64_t thread_pointer,
			       uint64_t stack_pointer)
{
	struct range stack = { 0, 0 };

	for (size_t i = 0; libc_backends[i] && !stack.end; i++)
		if (libc_backends[i]->thread_stack)
			stack = libc_backends[i]->thread_stack(capture, thread_pointer,
							       stack_pointer);
	return stack;
}

void libc_trim_exit_list(struct capture *capture, const struct exit_list *list,
			 struct report *report)
{
	for (size_t i = 0; libc_backends[i]; i++)
		if (libc_backends[i]->trim_exit_list
		    && libc_backends[i]->trim_exit_list(capture, list))
			return;
	report_warning(report, GUARD,
		       "libc's list of functions given to atexit() is not known: the dump also "
		       "calls those that the program has registered by now");
}
