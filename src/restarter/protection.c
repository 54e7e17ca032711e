/* SPDX-License-Identifier: MIT
 *
 * Restores the protections of the process. Threads that are made later inherit them. A start that
 * cannot restore one fails, since the program may rely on it.
 */
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <linux/signal.h>

#include "restarter.h"

#ifndef __NR_mseal
#define __NR_mseal 462 /* since 6.10, on all machines */
#endif

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65 /* since 6.3 */
#define PR_GET_MDWE 66
#endif

static void check(long result, const char *what)
{
	if (sys_failed(result))
		fail(what, NULL, result);
}

/* Anybody may set SECBIT_KEEP_CAPS, unless it is locked. The other bits need CAP_SETPCAP. */
static void restore_securebits(uint32_t wanted)
{
	uint32_t current = (uint32_t)sys(__NR_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
	const uint32_t keep = 1u << SECURE_KEEP_CAPS;

	if (wanted & ~current & ~keep)
		check(sys(__NR_prctl, PR_SET_SECUREBITS, wanted | current, 0, 0, 0),
		      "restore the securebits of the process (PR_SET_SECUREBITS)");
	else if (wanted & ~current)
		check(sys(__NR_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0),
		      "restore the process's PR_SET_KEEPCAPS");
}

/* The kernel refuses any change of bits that the starter has set. */
static void restore_mdwe(uint32_t wanted)
{
	long current;

	if (!wanted)
		return;
	current = sys(__NR_prctl, PR_GET_MDWE, 0, 0, 0, 0);
	if (current <= 0 || !(current & 1))
		check(sys(__NR_prctl, PR_SET_MDWE, wanted, 0, 0, 0),
		      "forbid new executable memory (PR_SET_MDWE)");
}

/* Some CPUs need no protection, and a kernel may protect all processes or let none choose. */
static void disable_speculation(uint32_t wanted, uint32_t disable, long which)
{
	long current;

	if (!(wanted & (disable | disable << 1)))
		return;
	current = sys(__NR_prctl, PR_GET_SPECULATION_CTRL, which, 0, 0, 0);
	if (current > 0 && current & PR_SPEC_PRCTL)
		check(sys(__NR_prctl, PR_SET_SPECULATION_CTRL, which,
			  wanted & disable ? PR_SPEC_DISABLE : PR_SPEC_FORCE_DISABLE, 0, 0),
		      "disable speculation (PR_SET_SPECULATION_CTRL)");
}

void protection_restore(const struct plan *plan)
{
	const struct plan_protection *protection = &plan->protection;

	if (protection->securebits)
		restore_securebits(protection->securebits);
	if (plan->rights.limited)
		rights_restore(plan);
	if (protection->no_new_privs)
		check(sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		      "forbid new privileges (PR_SET_NO_NEW_PRIVS)");
	/* A change of user IDs resets it. A program that has its old ID ends with the process that
	 * stands in for it (identity.c). */
	if (plan->settings.parent_death_signal)
		sys(__NR_prctl, PR_SET_PDEATHSIG, plan->settings.parent_death_signal, 0, 0, 0);
	else if (plan->settings.process_id)
		sys(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	disable_speculation(protection->speculation, PLAN_STORE_BYPASS, PR_SPEC_STORE_BYPASS);
	disable_speculation(protection->speculation, PLAN_INDIRECT_BRANCH, PR_SPEC_INDIRECT_BRANCH);
	restore_mdwe(protection->mdwe);
	for_table(const struct plan_op, op, plan, ops)
		if (op->kind == PLAN_SEAL)
			check(sys(__NR_mseal, op->start, op->length, 0),
			      "seal memory (mseal)");
}
