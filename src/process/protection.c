/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Protections of the process. A start restores each of them, or the dump is refused, unless the
 * user has accepted the loss by name.
 */
#include <stdlib.h>
#include <string.h>

#include "process/kernel_state.h"
#include "process/proc_files.h"

static long read_number(struct process *process, uint32_t tid, const char *key)
{
	char line[256];
	const char *value = process_thread_status(process->handoff.fds.original, tid, key, line);

	return value ? atol(value) : -1;
}

/* Does the thread have filters of its own? */
static bool has_own_filters(struct process *process, uint32_t tid)
{
	long mode = read_number(process, tid, "Seccomp:");
	long count = read_number(process, tid, "Seccomp_filters:");

	if (mode <= 0)
		return false;
	if (mode == 1) /* strict mode */
		return true;
	return (uint32_t)(count > 0 ? count : 1) > process->handoff.inherited_filters;
}

/* A filter applies to the restarter, too, which makes calls until the program's first
 * instruction: a filter that it installed might end the start. */
static void report_filters(struct process *process)
{
	bool accepted = process->handoff.lose & UNEXEC_LOSE_SECCOMP;

	report_add(process->report, accepted ? UNEXEC_WARNING : UNEXEC_ERROR,
		   UNEXEC_CODE_PROTECTION, 0, 0, 0, "the dump %s the seccomp filters that the "
		   "process has%s", accepted ? "lacks" : "would lack",
		   accepted ? "" : "; --lose=seccomp (UNEXEC_LOSE_SECCOMP) accepts that");
}

static uint32_t match_state(const char *state, const char *disabled, const char *forced,
			    uint32_t bit)
{
	if (!strncmp(state, forced, strlen(forced)))
		return bit << 1;
	return strncmp(state, disabled, strlen(disabled)) ? 0 : bit;
}

uint32_t process_speculation(const char *store_bypass, const char *indirect_branch)
{
	return match_state(store_bypass, "thread mitigated", "thread force mitigated",
			   PLAN_STORE_BYPASS)
	       | match_state(indirect_branch, "conditional disabled",
			     "conditional force disabled", PLAN_INDIRECT_BRANCH);
}

static uint32_t read_speculation(struct process *process, uint32_t tid)
{
	int proc = process->handoff.fds.original;
	char lines[2][256];
	const char *store = process_thread_status(proc, tid, "Speculation_Store_Bypass:", lines[0]);
	const char *branch = process_thread_status(proc, tid, "SpeculationIndirectBranch:",
						   lines[1]);

	return process_speculation(store ? store : "", branch ? branch : "");
}

void process_capture_protection(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct plan_protection *to = &process->capture.image->protection;
	bool filtered = false;

	for (uint32_t i = 0; i < handoff->thread_count; i++) {
		const struct handoff_thread *thread = &process->threads[i];
		uint32_t tid = process_task(thread);

		if (thread->state != HANDOFF_PARKED)
			continue;
		to->no_new_privs |= read_number(process, tid, "NoNewPrivs:") == 1;
		to->speculation |= read_speculation(process, tid);
		filtered |= has_own_filters(process, tid);
	}
	if (filtered)
		report_filters(process);
	if (!(handoff->lose & UNEXEC_LOSE_MDWE))
		to->mdwe = handoff->mdwe;
	if (!(handoff->lose & UNEXEC_LOSE_SECUREBITS))
		to->securebits = handoff->securebits;
}
