/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --fd=POLICY and --fd=NUMBER=POLICY.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/descriptor_options.h"
#include "base/xalloc.h"

static int find_policy(const char *name, uint32_t *ret)
{
	static const struct {
		const char *name;
		uint32_t policy;
	} policies[] = {
		{ "close", HANDOFF_FD_CLOSE },
		{ "null", HANDOFF_FD_NULL },
		{ "keep", HANDOFF_FD_KEEP },
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

int descriptor_option(struct pid_options *options, const char *argument)
{
	const char *equals = strchr(argument, '=');
	struct handoff_policy *policy;
	char *end;
	long number;

	if (!equals)
		return find_policy(argument, &options->descriptors);
	errno = 0;
	number = strtol(argument, &end, 10);
	if (errno || end != equals || end == argument || number < 3 || number > INT_MAX)
		return -1;
	options->policies = xrealloc(options->policies,
				     (options->policy_count + 1) * sizeof(*policy));
	policy = &options->policies[options->policy_count];
	*policy = (struct handoff_policy){ .number = (int32_t)number };
	if (find_policy(equals + 1, &policy->policy))
		return -1;
	options->policy_count++;
	return 0;
}
