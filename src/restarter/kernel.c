/* SPDX-License-Identifier: MIT
 *
 * What the kernel forgot: descriptors, dispositions of signals, settings of the process,
 * what it must know of each thread.
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
	for_table(const struct plan_signal, signal, plan, signals) {
		/* handler, flags, restorer, mask lie as in the kernel's struct sigaction. */
		long failed = sys(__NR_rt_sigaction, signal->number, &signal->handler, 0,
				  sizeof(signal->mask));

		if (failed)
			fail("install a signal handler", NULL, failed);
	}
}

static void register_rseq(const struct plan_thread *thread)
{
	if (!thread->rseq)
		return;
	/* As an unregistered one reads (linux/rseq.h: cpu_id_start 0, cpu_id -1, rseq_cs 0). A
	 * kernel without rseq leaves it so, and libc asks the kernel instead. */
	memset((void *)thread->rseq, 0, 16);
	*(int32_t *)(thread->rseq + 4) = -1;
	sys(__NR_rseq, thread->rseq, thread->rseq_length, 0, thread->rseq_signature);
}

static void mend(const struct plan *plan, uint32_t thread, uint32_t tid)
{
	for_table(const struct plan_mend, mend, plan, mends) {
		uint32_t *word = (uint32_t *)mend->address;

		if (mend->thread != thread || mend->kind != PLAN_MEND_TID)
			continue;
		/* In place: a write at once costs one page fault, a read before it two. */
		__atomic_and_fetch(word, ~PLAN_TID_MASK, __ATOMIC_RELAXED);
		__atomic_or_fetch(word, tid, __ATOMIC_RELAXED);
	}
}

void kernel_restore_thread(const struct plan *plan, uint32_t index)
{
	const struct plan_thread *thread =
		(const struct plan_thread *)plan_at(plan, plan->threads) + index;
	/* The one call that also tells the TID. */
	long tid = sys(__NR_set_tid_address, thread->clear_child_tid);
	long failed = arch_set_bases(thread->fs_base, thread->gs_base);

	if (failed)
		fail("set the thread pointer", NULL, failed);
	if (thread->robust_list)
		sys(__NR_set_robust_list, thread->robust_list, thread->robust_length);
	register_rseq(thread);
	mend(plan, index, (uint32_t)tid);
}
