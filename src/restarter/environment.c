/* SPDX-License-Identifier: MIT
 *
 * Lays the program's changes of its environment on top of the new environment, in an array of its
 * own after the new strings. The array has argc and argv in front of it, as the kernel's has.
 */
#include "restarter.h"

static uint64_t count_words(uint64_t array)
{
	const uint64_t *words = (const uint64_t *)array;
	uint64_t count = 0;

	while (words[count])
		count++;
	return count;
}

uint64_t environment_room(const struct plan *plan, const struct block *block)
{
	uint64_t words = 1 + block->argc + 1 + count_words(block->envp) + plan->variables.count + 1;

	return plan->variables.count ? (words + 1) * sizeof(uint64_t) : 0;
}

static bool is_variable(const char *string, const char *name)
{
	while (*name && *string == *name) {
		string++;
		name++;
	}
	return !*name && (!*string || *string == '=');
}

static bool is_changed(const struct plan *plan, const char *string)
{
	for_table(const struct plan_variable, variable, plan, variables)
		if (is_variable(string, plan_string(plan, variable->name)))
			return true;
	return false;
}

uint64_t environment_merge(const struct plan *plan, const struct block *block)
{
	const uint64_t *argv = (const uint64_t *)block->argv;
	uint64_t *to = (uint64_t *)((block->end + 7) & ~UINT64_C(7)), array;

	if (!plan->variables.count)
		return block->envp;
	*to++ = block->argc;
	for (uint64_t i = 0; i <= block->argc; i++)
		*to++ = argv[i];
	array = (uint64_t)to;
	for (const uint64_t *from = (const uint64_t *)block->envp; *from; from++)
		if (!is_changed(plan, (const char *)*from))
			*to++ = *from;
	for_table(const struct plan_variable, variable, plan, variables)
		if (variable->string)
			*to++ = variable->string;
	*to = 0;
	return array;
}
