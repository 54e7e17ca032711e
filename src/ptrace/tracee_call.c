/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a process that is held by ptrace do system calls, and makes copies of it.
 *
 * A call runs from stop to stop of PTRACE_SYSCALL, at a system call instruction of the
 * process's own code. Breakpoints and single steps would not work: if SIGTRAP is blocked or
 * ignored, the kernel resets the program's disposition of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch_registers.h"
#include "arch_syscall.h"
#include "ptrace/tracee_parts.h"

/* ---- Calls ---------------------------------------------------------------------------- */

/* Runs to the next stop at the entry or exit of a system call. Stores the PID of a child that
 * is made until then. */
static int run_to_call(struct tracee_thread *thread, unsigned long *child)
{
	int signal = 0;

	for (;;) {
		int status = tracee_run(thread, PTRACE_SYSCALL, signal);

		if (status < 0)
			return -ESRCH;
		if (status >> 8 == (SIGTRAP | 0x80))
			return 0;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_CLONE << 8))
			ptrace(PTRACE_GETEVENTMSG, thread->tid, 0, child);
		/* SIGSTOP, which cannot be blocked: the process stops when we let it go */
		signal = status >> 16 ? 0 : WSTOPSIG(status);
	}
}

static int enter_call(struct tracee *tracee, struct tracee_thread *thread,
		      struct arch_registers *registers, long number,
		      const uint64_t arguments[6])
{
	if (!thread->held)
		return -ESRCH;
	if (tracee_find_code(tracee))
		return -ENOSYS;
	arch_set_stack(registers, tracee_make_rescue_frame(tracee, thread));
	arch_set_syscall(registers, tracee->instruction, number, arguments);
	if (tracee_set_registers(thread->tid, registers))
		return -ESRCH;
	tracee_mask(tracee, thread, 0); /* only now: the registers lead to the rescue frame,
					 * which restores the mask */
	return run_to_call(thread, NULL);
}

int tracee_enter(struct tracee *tracee, size_t index, long number, const uint64_t arguments[6])
{
	struct tracee_thread *thread = &tracee->threads[index];
	struct arch_registers registers = thread->registers;

	return enter_call(tracee, thread, &registers, number, arguments);
}

static long finish_call(struct tracee_thread *thread, unsigned long *child)
{
	struct arch_registers registers;

	if (run_to_call(thread, child) || tracee_get_registers(thread->tid, &registers))
		return -ESRCH;
	return arch_result(&registers);
}

long tracee_call(struct tracee *tracee, size_t index, long number, uint64_t a, uint64_t b,
		 uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	int failed = tracee_enter(tracee, index, number, (uint64_t[6]){ a, b, c, d, e, f });

	return failed ? failed : finish_call(&tracee->threads[index], NULL);
}

/* ---- The page for arguments ----------------------------------------------------------- */

/* Index of a held thread. 0 if there is none, where a call fails with -ESRCH. */
static size_t any_thread(const struct tracee *tracee)
{
	for (size_t i = 0; i < tracee->count; i++)
		if (tracee->threads[i].held)
			return i;
	return 0;
}

uint64_t tracee_scratch(struct tracee *tracee)
{
	long result;

	if (tracee->scratch)
		return tracee->scratch;
	result = tracee->count ? tracee_do(tracee, any_thread(tracee), SYS_mmap, 0,
					   TRACEE_SCRATCH_SIZE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
			       : -ESRCH;
	if (sys_failed(result)) {
		errno = (int)-result;
		return 0;
	}
	tracee->scratch = (uint64_t)result;
	return tracee->scratch;
}

void tracee_drop_scratch(struct tracee *tracee)
{
	if (tracee->scratch && tracee->count)
		tracee_do(tracee, any_thread(tracee), SYS_munmap, tracee->scratch,
			  TRACEE_SCRATCH_SIZE);
	tracee->scratch = 0;
}

/* ---- A copy --------------------------------------------------------------------------- */

/* The copy has no stack. If it ever runs, because we are killed before it has
 * PTRACE_O_EXITKILL, its first instruction kills it. It shares the descriptors, so that it does
 * not keep files and pipes open. The process gets no signal when the copy ends. */
#define NO_STACK 16 /* an unmapped address; 0 would mean the stack of the parent */
static pid_t clone_thread(struct tracee *tracee, struct tracee_thread *thread)
{
	const uint64_t arguments[6] = { CLONE_FILES | CLONE_FS, NO_STACK };
	struct arch_registers registers = thread->registers;
	unsigned long child = 0;
	long result;

	result = enter_call(tracee, thread, &registers, SYS_clone, arguments);
	if (!result)
		result = finish_call(thread, &child);
	if (!child)
		return (pid_t)result;
	/* The copy is traced from the start, and stops before it runs. */
	while (waitpid((pid_t)child, NULL, __WALL) < 0)
		if (errno != EINTR)
			return -ECHILD;
	tracee->copy = (pid_t)child;
	tracee->own_copy = (pid_t)result;
	ptrace(PTRACE_SETOPTIONS, tracee->copy, 0, PTRACE_O_EXITKILL);
	return tracee_remove_rescue_frame(thread, tracee->copy) ? -EIO : tracee->copy;
}

pid_t tracee_copy(struct tracee *tracee)
{
	struct tracee_thread *thread;
	pid_t copy;

	if (!tracee->count)
		return -ESRCH;
	tracee_drop_scratch(tracee);
	thread = &tracee->threads[any_thread(tracee)];
	ptrace(PTRACE_SETOPTIONS, thread->tid, 0, thread->options | PTRACE_O_TRACECLONE);
	copy = clone_thread(tracee, thread);
	ptrace(PTRACE_SETOPTIONS, thread->tid, 0, thread->options);
	tracee_rest(tracee);
	return copy;
}
