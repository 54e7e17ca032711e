/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --argv0=POLICY, --cwd=POLICY, --env=POLICY, --files=POLICY
 */
#include <stdint.h>

#include "cli/policy_options.h"

static int take_policy(void *target, const char *words, const char *argument)
{
	int index = options_find(words, argument);

	if (index < 0)
		return -1;
	*(uint32_t *)target = (uint32_t)index;
	return 0;
}

int policy_take_directory(void *policy, const char *argument, struct report *report)
{
	(void)report;
	return take_policy(policy, DIRECTORY_POLICIES, argument);
}

int policy_take_argv0(void *policy, const char *argument, struct report *report)
{
	(void)report;
	return take_policy(policy, ARGV0_POLICIES, argument);
}

int policy_take_files(void *policy, const char *argument, struct report *report)
{
	(void)report;
	return take_policy(policy, FILES_POLICIES, argument);
}

int policy_take_environment(void *policy, const char *argument, struct report *report)
{
	(void)report;
	return take_policy(policy, ENVIRONMENT_POLICIES, argument);
}
