/* SPDX-License-Identifier: MIT
 *
 * Restores settings that the program has changed itself. Threads that are made later inherit
 * them. A setting that is not permitted is named, and the start continues.
 */
#include <linux/fcntl.h>
#include <linux/prctl.h>

#include "restarter.h"

static void warn_setting(const char *what)
{
	warn("a setting of the program is not restored:", what);
}

/* Writes a number in decimal; returns its start. */
static char *write_decimal(char *end, int32_t number)
{
	uint32_t rest = number < 0 ? -(uint32_t)number : (uint32_t)number;

	do
		*--end = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--end = '-';
	return end;
}

static void write_setting(const char *path, int32_t number, const char *what)
{
	long descriptor = sys(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	char digits[16], *end = digits + sizeof(digits), *start = write_decimal(end, number);
	long written = -1;

	if (!sys_failed(descriptor)) {
		written = sys(__NR_write, descriptor, start, end - start);
		sys(__NR_close, descriptor);
	}
	if (written != end - start)
		warn_setting(what);
}

void settings_change_directory(const struct plan *plan)
{
	const char *path = plan_string(plan, plan->directory.path);
	long failed;

	if (plan->directory.policy == PLAN_DIRECTORY_INHERIT)
		return;
	failed = sys(__NR_chdir, path);
	if (failed && plan->directory.policy == PLAN_DIRECTORY_NEED)
		fail("change to the working directory", path, failed);
	if (failed)
		warn("cannot change to the working directory, so that the starter's remains:", path);
}

void settings_restore(const struct plan *plan)
{
	const struct plan_settings *settings = &plan->settings;
	const struct plan_thread *first = plan_at(plan, plan->threads);

	if (settings->personality
	    && sys_failed(sys(__NR_personality, settings->personality
			      | (uint32_t)sys(__NR_personality, 0xffffffff))))
		warn_setting("personality");
	if (plan->argv0 && plan->threads.count)
		sys(__NR_prctl, PR_SET_NAME, plan_string(plan, first->name), 0, 0, 0);
	if (settings->umask)
		sys(__NR_umask, settings->umask - 1);
	if (settings->memory_failure
	    && sys(__NR_prctl, PR_MCE_KILL, PR_MCE_KILL_SET, settings->memory_failure - 1, 0, 0))
		warn_setting("PR_MCE_KILL");
	if (settings->files & PLAN_OOM_SCORE_ADJ)
		write_setting("/proc/self/oom_score_adj", (int32_t)settings->oom_score_adj,
			      "oom_score_adj");
	if (settings->files & PLAN_COREDUMP_FILTER)
		write_setting("/proc/self/coredump_filter", (int32_t)settings->coredump_filter,
			      "coredump_filter");
	if (settings->tsc && sys(__NR_prctl, PR_SET_TSC, settings->tsc, 0, 0, 0))
		warn_setting("PR_SET_TSC");
}
