/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --fd=POLICY and --fd=NUMBER=POLICY.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/descriptor_options.h"

static int find_policy(const char *name, uint32_t *ret)
{
	static const struct {
		const char *name;
		uint32_t policy;
	} policies[] = {
		{ "close", HANDOFF_FD_CLOSE },
		{ "null", HANDOFF_FD_NULL },
		{ "keep", HANDOFF_FD_KEEP },
		{ "hangup", HANDOFF_FD_HANGUP },
		{ "recreate", HANDOFF_FD_RECREATE },
		{ "refuse", HANDOFF_FD_RECREATE }, /* an older name of it */
	};

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		if (!strcmp(policies[i].name, name)) {
			*ret = policies[i].policy;
			return 0;
		}
	return -1;
}

static int add_policy(struct pid_options *options, long number, const char *name)
{
	struct handoff_policy *policy;

	options->policies = xrealloc(options->policies,
				     (options->policy_count + 1) * sizeof(*policy));
	policy = &options->policies[options->policy_count];
	*policy = (struct handoff_policy){ .number = (int32_t)number };
	if (find_policy(name, &policy->policy))
		return -1;
	options->policy_count++;
	return 0;
}

int descriptor_take_policy(void *target, const char *argument, struct report *report)
{
	struct pid_options *options = target;
	const char *equals = strchr(argument, '=');
	char *end;
	long number;

	if (!equals)
		return find_policy(argument, &options->descriptors);
	errno = 0;
	number = strtol(argument, &end, 10);
	if (errno || end != equals || end == argument || number < 3 || number > INT_MAX) {
		report_error(report, ARGUMENT, "NUMBER is a descriptor above 2");
		return -1;
	}
	return add_policy(options, number, equals + 1);
}
