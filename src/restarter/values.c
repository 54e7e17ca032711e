/* SPDX-License-Identifier: MIT
 *
 * What the program remembers of its process and must be of the new one: arguments,
 * environment, what the kernel says in the auxiliary vector; and the guards, which no two
 * processes shall share. (TIDs: threads.c.)
 */
#include <linux/auxvec.h>
#include <linux/mman.h>

#include "restarter.h"

static const char *first_argument(const struct block *block)
{
	return block->argc ? ((char **)block->argv)[0] : NULL;
}

static const char *behind_slash(const char *name)
{
	const char *rest = name;

	for (; *name; name++)
		if (*name == '/')
			rest = name + 1;
	return rest;
}

/* In place of a value that is the same already, nothing is written: that saves a page. */
static void put(uint64_t *place, uint64_t value)
{
	if (*place != value)
		*place = value;
}

/* ---- Guards ------------------------------------------------------------------------------ */

/* The new guards come from the kernel's random bytes, as libc's own start takes them. */
struct guards {
	int known;          /* are there any? */
	uint64_t random[2]; /* for the canary, for the pointers */
	uint64_t change;    /* of a mangled pointer */
};

static struct guards draw_guards(const struct restart *restart)
{
	const uint64_t *random = block_auxv(&restart->block, AT_RANDOM);
	struct guards guards = { .known = random != NULL };

	if (!random)
		return guards;
	memcpy(guards.random, (const void *)*random, sizeof(guards.random));
	for_table(const struct plan_mend, mend, restart->plan, mends) {
		if (mend->kind != PLAN_MEND_GUARD)
			continue;
		guards.change = arch_guard_change(*(uint64_t *)mend->address, guards.random[1]);
		break;
	}
	return guards;
}

static uint64_t clear_byte(uint64_t value, uint32_t byte)
{
	return byte < sizeof(value) ? value & ~(UINT64_C(0xff) << 8 * byte) : value;
}

static void allow(const struct restart *restart, uint64_t address, uint64_t prot)
{
	uint64_t size = restart->plan->page_size;
	long failed = sys(__NR_mprotect, address & -size, size, prot);

	if (failed)
		fail("protect memory as it was", NULL, failed);
}

/* Nothing of the program has run: no frame, buffer or list sees one guard of two. */
static void renew_guard(const struct restart *restart, const struct guards *guards,
			const struct plan_mend *mend)
{
	uint32_t prot = PLAN_GUARD_PROT(mend->which);
	uint64_t *place = (uint64_t *)mend->address;

	if (!guards->known)
		return;
	/* glibc's ld.so has the guard among what it protects once it has been relocated. */
	if (prot)
		allow(restart, mend->address, PROT_READ | PROT_WRITE);
	if (mend->kind == PLAN_MEND_CANARY)
		*place = clear_byte(guards->random[0], PLAN_GUARD_ZERO_BYTE(mend->which));
	else if (mend->kind == PLAN_MEND_GUARD)
		*place = guards->random[1];
	else
		*place ^= guards->change;
	if (prot)
		allow(restart, mend->address, prot);
}

/* ---- All of it --------------------------------------------------------------------------- */

static void renew(const struct restart *restart, const struct plan_mend *mend)
{
	const struct block *block = &restart->block;
	const char *name = first_argument(block);
	uint64_t *place = (uint64_t *)mend->address, *value;

	if (mend->kind == PLAN_MEND_ARGC)
		put(place, block->argc);
	else if (mend->kind == PLAN_MEND_ARGV)
		put(place, block->argv);
	else if (mend->kind == PLAN_MEND_ENVP)
		put(place, block->envp);
	else if (mend->kind == PLAN_MEND_NAME && name)
		put(place, (uint64_t)name);
	else if (mend->kind == PLAN_MEND_SHORT_NAME && name)
		put(place, (uint64_t)behind_slash(name));
	else if (mend->kind == PLAN_MEND_AUXV && (value = block_auxv(block, mend->which)))
		put(place, *value);
	else if (mend->kind == PLAN_MEND_RANDOM && (value = block_auxv(block, AT_RANDOM)))
		memcpy(place, (const void *)*value, 16);
	else if (mend->kind == PLAN_MEND_BRK && restart->brk)
		put(place, restart->brk);
	else if (mend->kind == PLAN_MEND_FORGET)
		*place = 0;
}

void values_renew(const struct restart *restart)
{
	const struct guards guards = draw_guards(restart);

	for_table(const struct plan_mend, mend, restart->plan, mends) {
		if (mend->kind == PLAN_MEND_CANARY || mend->kind == PLAN_MEND_GUARD
		    || mend->kind == PLAN_MEND_POINTER)
			renew_guard(restart, &guards, mend);
		else if (mend->kind != PLAN_MEND_TID)
			renew(restart, mend);
	}
}
