/* SPDX-License-Identifier: MIT
 *
 * Restores settings of the process.
 */
#include <linux/membarrier.h>
#include <linux/prctl.h>

#include "restarter.h"

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67 /* since 6.4 */
#endif

/* PR_GET_THP_DISABLE returns 1 and the flags that were set (since 6.18). */
static void disable_huge_pages(uint32_t setting)
{
	if (sys(__NR_prctl, PR_SET_THP_DISABLE, 1, setting & ~1u, 0, 0) && setting != 1)
		warn("this kernel cannot disable huge pages", "in part (PR_SET_THP_DISABLE)");
}

void process_restore(const struct plan *plan)
{
	const struct plan_process *process = &plan->process;

	if (process->dumpable != 1)
		sys(__NR_prctl, PR_SET_DUMPABLE, process->dumpable, 0, 0, 0);
	if (process->subreaper)
		sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (process->thp_disable)
		disable_huge_pages(process->thp_disable);
	if (process->memory_merge && sys(__NR_prctl, PR_SET_MEMORY_MERGE, 1, 0, 0, 0))
		warn("this kernel cannot merge pages", "of the process (PR_SET_MEMORY_MERGE)");
	if (process->timer_slack)
		sys(__NR_prctl, PR_SET_TIMERSLACK, process->timer_slack, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		if (process->itimers[i].value_s || process->itimers[i].value_us)
			sys(__NR_setitimer, i, &process->itimers[i], 0);
	for (uint32_t bit = 1; bit && bit <= process->membarrier; bit <<= 1)
		if (process->membarrier & bit)
			sys(__NR_membarrier, bit, 0, 0);
}
