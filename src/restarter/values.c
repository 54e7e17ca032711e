/* SPDX-License-Identifier: MIT
 *
 * Replaces startup values in the program's memory by the new process's: arguments, environment,
 * values of the auxiliary vector, the stack canary. (threads.c replaces TIDs.)
 */
#include <linux/auxvec.h>

#include "restarter.h"

static const char *first_argument(const struct block *block)
{
	return block->argc ? ((char **)block->argv)[0] : NULL;
}

static const char *after_slash(const char *name)
{
	const char *rest = name;

	for (; *name; name++)
		if (*name == '/')
			rest = name + 1;
	return rest;
}

/* Does not write a value that is equal: that saves a page. */
static void put_value(uint64_t *place, uint64_t value)
{
	if (*place != value)
		*place = value;
}

/* The new canary comes from the kernel's random bytes, as in libc's own startup. No code of the
 * program has run, so no function sees one canary at its start and another at its end. */
static uint64_t new_canary(uint64_t random, uint32_t zero_byte)
{
	return zero_byte < sizeof(random) ? random & ~(UINT64_C(0xff) << 8 * zero_byte) : random;
}

static void replace_value(const struct restart *restart, const struct plan_fixup *fixup)
{
	const struct block *block = &restart->block;
	const char *name = first_argument(block);
	uint64_t *place = (uint64_t *)fixup->address, *value;

	if (fixup->kind == PLAN_FIXUP_ARGC)
		put_value(place, block->argc);
	else if (fixup->kind == PLAN_FIXUP_ARGV)
		put_value(place, block->argv);
	else if (fixup->kind == PLAN_FIXUP_ENVP)
		put_value(place, restart->environment);
	else if (fixup->kind == PLAN_FIXUP_NAME && name)
		put_value(place, (uint64_t)name);
	else if (fixup->kind == PLAN_FIXUP_SHORT_NAME && name)
		put_value(place, (uint64_t)after_slash(name));
	else if (fixup->kind == PLAN_FIXUP_AUXV && (value = block_auxv(block, fixup->which)))
		put_value(place, *value);
	else if (fixup->kind == PLAN_FIXUP_RANDOM && (value = block_auxv(block, AT_RANDOM)))
		memcpy(place, (const void *)*value, 16);
	else if (fixup->kind == PLAN_FIXUP_CANARY && (value = block_auxv(block, AT_RANDOM)))
		*place = new_canary(*(const uint64_t *)*value, fixup->which);
	else if (fixup->kind == PLAN_FIXUP_BRK && restart->brk)
		put_value(place, restart->brk);
	else if (fixup->kind == PLAN_FIXUP_FORGET)
		*place = 0;
}

void values_replace(const struct restart *restart)
{
	for_table(const struct plan_fixup, fixup, restart->plan, fixups) {
		if (fixup->kind != PLAN_FIXUP_TID)
			replace_value(restart, fixup);
	}
}
