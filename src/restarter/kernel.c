/* SPDX-License-Identifier: MIT
 *
 * What the kernel forgot: descriptors, dispositions of signals, settings of the process.
 */
#include <linux/fcntl.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>

#include "restarter.h"

static void reopen(const struct plan *plan, const struct plan_file *file)
{
	const char *path = plan_string(plan, file->path);
	long descriptor = sys(__NR_openat, AT_FDCWD, path, file->flags, 0);
	long result;

	if (sys_failed(descriptor))
		fail("open again", path, descriptor);
	if (descriptor != file->number) {
		result = sys(__NR_dup3, descriptor, file->number, file->flags & O_CLOEXEC);
		if (sys_failed(result))
			fail("give its old number to", path, result);
		sys(__NR_close, descriptor);
	}
	result = sys(__NR_lseek, file->number, file->offset, 0);
	if (sys_failed(result))
		fail("go to the old place in", path, result);
}

void kernel_restore_files(const struct plan *plan)
{
	for_table(const struct plan_file, file, plan, files)
		reopen(plan, file);
}

void kernel_restore_process(const struct plan *plan)
{
	const struct plan_process *process = &plan->process;

	if (process->dumpable != 1)
		sys(__NR_prctl, PR_SET_DUMPABLE, process->dumpable, 0, 0, 0);
	if (process->subreaper)
		sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (process->thp_disable)
		sys(__NR_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (process->timer_slack)
		sys(__NR_prctl, PR_SET_TIMERSLACK, process->timer_slack, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		if (process->itimers[i].value_s || process->itimers[i].value_us)
			sys(__NR_setitimer, i, &process->itimers[i], 0);
	for (uint32_t bit = 1; bit && bit <= process->membarrier; bit <<= 1)
		if (process->membarrier & bit)
			sys(__NR_membarrier, bit, 0, 0);
}

void kernel_restore_signals(const struct plan *plan)
{
	uint64_t pending = plan->process.pending;
	long pid = sys(__NR_getpid);

	for_table(const struct plan_signal, signal, plan, signals) {
		/* handler, flags, restorer, mask lie as in the kernel's struct sigaction. */
		long failed = sys(__NR_rt_sigaction, signal->number, &signal->handler, 0,
				  sizeof(signal->mask));

		if (failed)
			fail("install a signal handler", NULL, failed);
	}
	/* All are blocked now. What came with them is lost. */
	for (int number = 1; pending; number++, pending >>= 1)
		if (pending & 1)
			sys(__NR_kill, pid, number);
}
