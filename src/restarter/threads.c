/* SPDX-License-Identifier: MIT
 *
 * Restores the threads. The plan's first thread is the one that the kernel has made; it makes
 * the others, each on its own old stack. All except the thread that called unexec_dump() wait
 * at the library's gate, until that thread has done the library's work and opens it. If no
 * thread called unexec_dump(), all meet in the trampoline, and the last to arrive opens it.
 */
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>

#include "arch_frame.h"
#include "arch_syscall.h"
#include "arch_thread.h"
#include "arch_vectors.h"
#include "restarter.h"

static const struct plan_thread *thread_at(const struct plan *plan, uint32_t index)
{
	return (const struct plan_thread *)plan_at(plan, plan->threads) + index;
}

static void register_rseq(const struct plan_thread *thread)
{
	if (!thread->rseq)
		return;
	/* The state of an unregistered area (linux/rseq.h: cpu_id_start 0, cpu_id -1,
	 * rseq_cs 0). If the kernel has no rseq, it stays so, and libc uses system calls
	 * instead. */
	memset((void *)thread->rseq, 0, 16);
	*(int32_t *)(thread->rseq + 4) = -1;
	sys(__NR_rseq, thread->rseq, thread->rseq_length, 0, thread->rseq_signature);
}

static void fixup_tid(const struct plan *plan, uint32_t thread, uint32_t tid)
{
	for_table(const struct plan_fixup, fixup, plan, fixups) {
		uint32_t *word = (uint32_t *)fixup->address;

		if (fixup->which != thread || fixup->kind != PLAN_FIXUP_TID)
			continue;
		/* A direct write takes one page fault; a read before the write would make it
		 * two. */
		__atomic_and_fetch(word, ~PLAN_TID_MASK, __ATOMIC_RELAXED);
		__atomic_or_fetch(word, tid, __ATOMIC_RELAXED);
	}
}

/* The process may not be permitted to do so. Ignores errors in the scheduling of single threads. */
static void restore_schedule(const struct plan_thread *thread)
{
	if (thread->flags & PLAN_THREAD_SCHEDULE) {
		sys(__NR_sched_setscheduler, 0, thread->policy, &thread->priority);
		sys(__NR_setpriority, PRIO_PROCESS, 0, thread->nice);
	}
	if (thread->flags & PLAN_THREAD_AFFINITY)
		sys(__NR_sched_setaffinity, 0, sizeof(thread->affinity), thread->affinity);
	if (thread->flags & PLAN_THREAD_CLASS
	    && sys(__NR_sched_setscheduler, 0, thread->policy, &thread->priority))
		warn("a setting of the program is not restored:", "scheduling class");
	if (thread->io_priority
	    && sys(__NR_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, thread->io_priority))
		warn("a setting of the program is not restored:", "I/O priority");
	if (thread->timer_slack)
		sys(__NR_prctl, PR_SET_TIMERSLACK, thread->timer_slack, 0, 0, 0);
}

static void restore_own_settings(const struct plan_thread *thread)
{
	uint32_t starters;

	if (thread->parent_death_signal)
		sys(__NR_prctl, PR_SET_PDEATHSIG, thread->parent_death_signal, 0, 0, 0);
	if (thread->tsc)
		sys(__NR_prctl, PR_SET_TSC, thread->tsc, 0, 0, 0);
	if (thread->memory_failure)
		sys(__NR_prctl, PR_MCE_KILL, PR_MCE_KILL_SET, thread->memory_failure - 1, 0, 0);
	if (!(thread->flags & PLAN_THREAD_PERSONALITY))
		return;
	starters = (uint32_t)sys(__NR_personality, 0xffffffff) & PLAN_STARTERS_PERSONALITY;
	sys(__NR_personality, thread->personality | starters);
}

/* Restores the kernel's state of this thread and continues in the program. */
static void __attribute__((noreturn)) enter_thread(const struct plan *plan, uint32_t index,
					    uint32_t tid)
{
	const struct plan_thread *thread = thread_at(plan, index);
	void (*gate)(uint64_t, struct boot *);
	struct boot *boot = (struct boot *)plan->boot;
	long failed = arch_set_thread_pointers(thread->thread_pointer, thread->thread_pointer_2);

	if (failed)
		fail("set the thread pointer", NULL, failed);
	if (thread->robust_list)
		sys(__NR_set_robust_list, thread->robust_list, thread->robust_length);
	register_rseq(thread);
	restore_schedule(thread);
	restore_own_settings(thread);
	signals_send(plan, index, tid, thread->pending);
	arch_claim_states(plan, thread->frame);
	if (thread->flags & PLAN_THREAD_DUMPER)
		arch_leave(thread->frame);
	gate = (void (*)(uint64_t, struct boot *))boot->gate;
	gate(thread->frame, boot);
	__builtin_unreachable();
}

/* This lies on the new thread's stack, below its frame. */
struct start {
	struct arch_thread request;
	const struct plan *plan;
	uint32_t index, tid;
	struct clone_args arguments; /* for a thread with a chosen TID */
};
_Static_assert(sizeof(struct start) <= 512, "start");

static void choose_tid(struct start *start, uint32_t tid)
{
	const struct arch_thread *request = &start->request;

	start->tid = tid;
	start->arguments = (struct clone_args){
		.flags = request->flags,
		.child_tid = request->clear_tid,
		.stack = request->stack - 16,
		.stack_size = 16,
		.tls = request->thread_pointer,
		.set_tid = (uint64_t)&start->tid,
		.set_tid_size = 1,
	};
	start->request.clone_args = &start->arguments;
}

static void run_thread(void *argument)
{
	const struct start *start = argument;
	const struct plan_thread *thread = thread_at(start->plan, start->index);

	sys(__NR_prctl, PR_SET_NAME, plan_string(start->plan, thread->name));
	enter_thread(start->plan, start->index, (uint32_t)sys(__NR_gettid));
}

static void start_thread(const struct plan *plan, uint32_t index)
{
	const struct plan_thread *thread = thread_at(plan, index);
	struct start *start = (struct start *)((thread->frame - 512) & ~UINT64_C(63));
	long tid;

	*start = (struct start){
		.request = {
			.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND
				 | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS,
			.stack = (uint64_t)start,
			.clear_tid = thread->clear_child_tid,
			.thread_pointer = thread->thread_pointer,
			.run = run_thread,
			.argument = start,
		},
		.plan = plan,
		.index = index,
	};
	if (thread->clear_child_tid)
		start->request.flags |= CLONE_CHILD_CLEARTID;
	if (thread->tid)
		choose_tid(start, thread->tid);
	tid = arch_start_thread(&start->request);
	if (sys_failed(tid))
		fail(thread->tid ? "start, with its old ID, thread" : "start thread",
		     plan_string(plan, thread->name), tid);
	/* The new thread waits for this one before it reads any of the TIDs. */
	fixup_tid(plan, index, (uint32_t)tid);
}

void threads_restore(const struct plan *plan)
{
	uint32_t count = plan->threads.count, dumper = 0;
	long tid;

	for (uint32_t i = 1; i < count; i++) {
		if (thread_at(plan, i)->flags & PLAN_THREAD_DUMPER)
			dumper = i;
		else
			start_thread(plan, i);
	}
	/* This one call also returns the TID. */
	tid = sys(__NR_set_tid_address, thread_at(plan, 0)->clear_child_tid);
	fixup_tid(plan, 0, (uint32_t)tid);
	if (dumper)
		start_thread(plan, dumper);
	timers_restore(plan);
	enter_thread(plan, 0, (uint32_t)tid);
}
