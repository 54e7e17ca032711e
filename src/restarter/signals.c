/* SPDX-License-Identifier: MIT
 *
 * Restores signal dispositions and pending signals. All signals are blocked until the program
 * runs.
 */
#include "restarter.h"

/* A process may send itself any siginfo. A thread may send it to itself alone. */
static long send_queued(const struct plan_queued *queued, uint32_t tid)
{
	uint64_t info[PLAN_SIGINFO_WORDS];
	uint32_t pid = (uint32_t)sys(__NR_getpid), number;

	memcpy(info, queued->info, sizeof(info));
	memcpy(&number, info, sizeof(number)); /* si_signo comes first */
	if (queued->sender)
		memcpy((char *)info + queued->sender, &pid, sizeof(pid));
	if (queued->thread == PLAN_WHOLE_PROCESS)
		return sys(__NR_rt_sigqueueinfo, pid, number, info);
	return sys(__NR_rt_tgsigqueueinfo, pid, tid, number, info);
}

static void send_plain(uint32_t thread, uint32_t tid, uint32_t number)
{
	uint32_t pid = (uint32_t)sys(__NR_getpid);

	if (thread == PLAN_WHOLE_PROCESS)
		sys(__NR_kill, pid, number);
	else
		sys(__NR_tgkill, pid, tid, number);
}

/* The limit is for what comes with signals. Without it, a standard signal is pending anyway. */
void signals_send(const struct plan *plan, uint32_t thread, uint32_t tid, uint64_t pending)
{
	bool failed = false;
	uint32_t number;

	for_table(const struct plan_queued, queued, plan, queued)
		if (queued->thread == thread && send_queued(queued, tid)) {
			memcpy(&number, queued->info, sizeof(number));
			send_plain(thread, tid, number);
			failed = true;
		}
	if (failed)
		warn("queued signals are lost, or what came with them:",
		     "too many for RLIMIT_SIGPENDING");
	for (number = 1; pending; number++, pending >>= 1)
		if (pending & 1)
			send_plain(thread, tid, number);
}

void signals_restore(const struct plan *plan)
{
	for_table(const struct plan_signal, signal, plan, signals) {
		/* handler, flags, restorer, mask have the order of the kernel's struct
		 * sigaction. */
		long failed = sys(__NR_rt_sigaction, signal->number, &signal->handler, 0,
				  sizeof(signal->mask));

		if (failed)
			fail("install a signal handler", NULL, failed);
	}
	signals_send(plan, PLAN_WHOLE_PROCESS, 0, plan->process.pending);
}
