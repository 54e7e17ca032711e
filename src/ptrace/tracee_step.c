/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Moves a held thread out of code in which it cannot stay: the vDSO, which a start replaces;
 * and rseq critical sections, which the kernel aborts when a thread is interrupted in them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch_registers.h"
#include "base/task.h"
#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "ptrace/tracee_parts.h"

/* Far more than any vDSO function needs; but its getrandom() fills buffers of any length. */
#define STEPS 2000000

/* ---- The vDSO ------------------------------------------------------------------------- */

int tracee_find_vdso(pid_t pid, uint64_t *ret_start, uint64_t *ret_end)
{
	struct maps_reader reader = { 0 };
	struct maps_entry entry;
	char path[64];
	int failed = -1;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	reader.descriptor = open(path, O_RDONLY | O_CLOEXEC);
	while (failed && reader.descriptor >= 0 && maps_next(&reader, &entry)) {
		if (strcmp(entry.name, "[vdso]"))
			continue;
		*ret_start = entry.start;
		*ret_end = entry.end;
		failed = 0;
	}
	if (reader.descriptor >= 0)
		close((int)reader.descriptor);
	return failed;
}

/* Runs one instruction. SIGTRAP is not blocked then, or the kernel would reset the process's
 * disposition of it. A SIGTRAP that others have sent is sent again after the last step. */
static int single_step(struct tracee_thread *thread, bool *sent_by_others)
{
	int status, signal = 0;
	siginfo_t info;

	for (;;) {
		status = tracee_run(thread, PTRACE_SINGLESTEP, signal);
		if (status < 0)
			return -1;
		signal = status >> 16 ? 0 : WSTOPSIG(status);
		if (status >> 8 != SIGTRAP)
			continue;
		if (ptrace(PTRACE_GETSIGINFO, thread->tid, 0, &info) || info.si_code > 0)
			break;
		*sent_by_others = true;
		signal = 0;
	}
	return tracee_get_registers(thread->tid, &thread->registers);
}

static int step_out(struct tracee *tracee, struct tracee_thread *thread, uint64_t start,
		    uint64_t end)
{
	bool sent_by_others = false;
	int steps = 0, failed = 0;

	tracee_mask(tracee, thread, UINT64_C(1) << (SIGTRAP - 1));
	while (!failed && arch_counter(&thread->registers) >= start
	       && arch_counter(&thread->registers) < end && steps++ < STEPS)
		failed = single_step(thread, &sent_by_others);
	tracee_mask(tracee, thread, 0);
	if (sent_by_others)
		syscall(SYS_tgkill, tracee->pid, thread->tid, SIGTRAP);
	return failed || steps > STEPS ? -1 : 0;
}

/* If SIGTRAP is ignored, a step makes the kernel reset that. */
static int ignores_sigtrap(pid_t tid)
{
	char text[32];
	unsigned long long ignored = 0;

	task_status(tid, "SigIgn", text, sizeof(text));
	sscanf(text, "%llx", &ignored);
	return ignored >> (SIGTRAP - 1) & 1;
}

/* Saves the disposition of SIGTRAP on the scratch page, or restores it from there. */
static int exchange_action(struct tracee *tracee, size_t index, bool put_back)
{
	uint64_t page = tracee_scratch(tracee);

	if (!page)
		return -1;
	return tracee_do(tracee, index, SYS_rt_sigaction, SIGTRAP, put_back ? page : 0,
			 put_back ? 0 : page, sizeof(uint64_t)) ? -1 : 0;
}

int tracee_leave_vdso(struct tracee *tracee, struct tracee_thread *thread,
		      struct report *report)
{
	size_t index = (size_t)(thread - tracee->threads);
	uint64_t start, end;
	bool ignored;
	int failed;

	if (tracee_find_vdso(thread->tid, &start, &end)
	    || arch_counter(&thread->registers) < start || arch_counter(&thread->registers) >= end)
		return 0;
	ignored = ignores_sigtrap(thread->tid);
	if (ignored && exchange_action(tracee, index, false))
		ignored = false;
	/* The calls have run the thread elsewhere: the step starts where the thread was. */
	tracee_set_registers(thread->tid, &thread->registers);
	failed = step_out(tracee, thread, start, end);
	if (ignored)
		exchange_action(tracee, index, true);
	tracee_drop_scratch(tracee);
	tracee_rest(tracee);
	if (failed && thread->held)
		report_error(report, THREAD,
			     "thread %d does not leave the kernel's vDSO",
			     (int)thread->tid);
	return thread->held ? failed : 0;
}

/* ---- rseq ----------------------------------------------------------------------------- */

/* struct rseq_cs from linux/rseq.h, and the offset in struct rseq of a pointer to one. */
struct section {
	uint32_t version, flags;
	uint64_t start, length, abort;
};
#define SECTION_POINTER 8

/* In linux/ptrace.h since Linux 5.13; before that, libc did not use rseq. */
#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
struct __ptrace_rseq_configuration {
	uint64_t rseq_abi_pointer;
	uint32_t rseq_abi_size, signature, flags, pad;
};
#endif

/* Aborts the critical section as the kernel would when the thread returns to the program: after
 * our calls, the kernel would no longer do it. */
void tracee_leave_rseq(struct tracee *tracee, struct tracee_thread *thread)
{
	const uint64_t none = 0;
	struct __ptrace_rseq_configuration area;
	struct section section;
	uint64_t pointer;

	if (ptrace((enum __ptrace_request)PTRACE_GET_RSEQ_CONFIGURATION, thread->tid,
		   sizeof(area), &area) != sizeof(area)
	    || !area.rseq_abi_pointer
	    || tracee_read(tracee, area.rseq_abi_pointer + SECTION_POINTER, &pointer,
			   sizeof(pointer))
	    || !pointer || tracee_read(tracee, pointer, &section, sizeof(section))
	    || arch_counter(&thread->registers) - section.start >= section.length)
		return;
	arch_set_counter(&thread->registers, section.abort);
	tracee_write(tracee, area.rseq_abi_pointer + SECTION_POINTER, &none, sizeof(none));
}
