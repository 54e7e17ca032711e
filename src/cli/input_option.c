/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --stdin=POLICY
 */
#include <stdint.h>

#include "cli/input_option.h"

int input_take_policy(void *target, const char *argument, struct report *report)
{
	int index = options_find(INPUT_POLICIES, argument);

	(void)report;
	if (index < 0)
		return -1;
	*(uint32_t *)target = (uint32_t)index;
	return 0;
}
