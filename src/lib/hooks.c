/* SPDX-License-Identifier: MIT
 *
 * The program's functions that are called before and after a dump, and at a start.
 */
#include <stdlib.h>

#include "state.h"

/* The lists are memory of the program, so a dump preserves them. */
static struct on_dump {
	struct on_dump *next; /* registered before this one */
	int (*fn)(void *);
	void *arg;
} *on_dump;

static struct on_dumped {
	struct on_dumped *next; /* registered after this one */
	void (*fn)(int, void *);
	void *arg;
} *on_dumped, **on_dumped_end = &on_dumped;

static struct on_resume {
	struct on_resume *next; /* registered after this one */
	void (*fn)(void *);
	void *arg;
} *on_resume, **on_resume_end = &on_resume;

int unexec_on_dump(int (*fn)(void *), void *arg)
{
	struct on_dump *hook;

	if (!fn)
		return UNEXEC_INVALID;
	hook = malloc(sizeof(*hook));
	if (!hook)
		return UNEXEC_NOMEM;
	*hook = (struct on_dump){ on_dump, fn, arg };
	on_dump = hook;
	return 0;
}

int unexec_on_dumped(void (*fn)(int, void *), void *arg)
{
	struct on_dumped *hook;

	if (!fn)
		return UNEXEC_INVALID;
	hook = malloc(sizeof(*hook));
	if (!hook)
		return UNEXEC_NOMEM;
	*hook = (struct on_dumped){ NULL, fn, arg };
	*on_dumped_end = hook;
	on_dumped_end = &hook->next;
	return 0;
}

int unexec_on_resume(void (*fn)(void *), void *arg)
{
	struct on_resume *hook;

	if (!fn)
		return UNEXEC_INVALID;
	hook = malloc(sizeof(*hook));
	if (!hook)
		return UNEXEC_NOMEM;
	*hook = (struct on_resume){ NULL, fn, arg };
	*on_resume_end = hook;
	on_resume_end = &hook->next;
	return 0;
}

int hooks_before_dump(void)
{
	for (struct on_dump *hook = on_dump; hook; hook = hook->next)
		if (hook->fn(hook->arg))
			return 1;
	return 0;
}

void hooks_after_dump(int status)
{
	for (struct on_dumped *hook = on_dumped; hook; hook = hook->next)
		hook->fn(status, hook->arg);
}

void hooks_after_resume(void)
{
	for (struct on_resume *hook = on_resume; hook; hook = hook->next)
		hook->fn(hook->arg);
}

/* ---- Functions for exit() ---------------------------------------------------------------- */

/* Unloading an object calls and removes its registered functions (Itanium C++ ABI, 3.3.6.3). */
extern int __cxa_atexit(void (*)(void *), void *, void *);
extern void __cxa_finalize(void *);

static char exit_mark;

static void do_nothing(void *unused)
{
	(void)unused;
	/* gcc 16 removes a __cxa_atexit() of a function without effects. */
	__asm__ volatile("");
}

void hooks_mark_exit(struct handoff *handoff)
{
	handoff->exit_mark = (uint64_t)&exit_mark;
	handoff->exit_function = (uint64_t)do_nothing;
	__cxa_atexit(do_nothing, &exit_mark, &exit_mark);
}

void hooks_unmark_exit(void)
{
	__cxa_finalize(&exit_mark);
}
