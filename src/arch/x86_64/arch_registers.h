/* SPDX-License-Identifier: MIT
 *
 * x86-64: the general registers of a thread, as PTRACE_GETREGSET and NT_PRSTATUS have them.
 */
#ifndef ARCH_REGISTERS_H
#define ARCH_REGISTERS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>

#include "arch_code.h"
#include "arch_machine.h"

/* Only src/arch looks into it. */
struct arch_registers {
	struct user_regs_struct user;
};

/* Kernel-internal results of system calls that a stop has interrupted (include/linux/errno.h).
 * The kernel restarts the call before the thread runs again. */
#define ARCH_ERESTARTSYS 512
#define ARCH_ERESTARTNOINTR 513
#define ARCH_ERESTARTNOHAND 514
#define ARCH_ERESTART_RESTARTBLOCK 516

/* arch/x86/include/asm/segment.h: __USER_CS, of 64-bit code. */
#define ARCH_USER_CS 0x33

/* True if the thread runs code of this machine and not of its 32-bit ancestor. */
static inline bool arch_is_native(const struct arch_registers *registers)
{
	return registers->user.cs == ARCH_USER_CS;
}

/* ---- Places ------------------------------------------------------------------------------- */

/* The program counter. */
static inline uint64_t arch_counter(const struct arch_registers *registers)
{
	return registers->user.rip;
}

static inline void arch_set_counter(struct arch_registers *registers, uint64_t counter)
{
	registers->user.rip = counter;
}

/* The stack pointer. */
static inline uint64_t arch_stack(const struct arch_registers *registers)
{
	return registers->user.rsp;
}

static inline void arch_set_stack(struct arch_registers *registers, uint64_t stack)
{
	registers->user.rsp = stack;
}

/* The program counter, the stack pointer, and the thread pointers. */
struct arch_thread_place {
	uint64_t counter, stack, thread_pointer, thread_pointer_2;
};

static inline struct arch_thread_place arch_thread_place(const struct arch_registers *registers)
{
	return (struct arch_thread_place){
		.counter = registers->user.rip, .stack = registers->user.rsp,
		.thread_pointer = registers->user.fs_base,
		.thread_pointer_2 = registers->user.gs_base,
	};
}

/* ---- System calls ------------------------------------------------------------------------- */

/* The call's result: a value, or -errno. */
static inline long arch_result(const struct arch_registers *registers)
{
	return (long)registers->user.rax;
}

static inline void arch_set_result(struct arch_registers *registers, long result)
{
	registers->user.rax = (uint64_t)result;
}

/* The number of the system call that the thread has entered; -1: none. */
static inline long arch_syscall_number(const struct arch_registers *registers)
{
	return (long)registers->user.orig_rax;
}

static inline void arch_set_syscall_number(struct arch_registers *registers, long number)
{
	registers->user.orig_rax = (uint64_t)number;
}

static inline uint64_t arch_syscall_argument(const struct arch_registers *registers, int index)
{
	const struct user_regs_struct *user = &registers->user;
	const uint64_t arguments[] = { user->rdi, user->rsi, user->rdx,
				       user->r10, user->r8, user->r9 };

	return arguments[index];
}

/* Sets the first argument of the call. */
static inline void arch_set_syscall_argument(struct arch_registers *registers, uint64_t first)
{
	registers->user.rdi = first;
}

/* Prepares a system call: the thread executes ARCH_SYSCALL_CODE at `instruction` next. The stack
 * pointer stays. */
static inline void arch_set_syscall(struct arch_registers *registers, uint64_t instruction,
				    long number, const uint64_t arguments[6])
{
	struct user_regs_struct *user = &registers->user;

	user->rip = instruction;
	user->rax = (uint64_t)number;
	user->orig_rax = UINT64_MAX; /* no call to restart */
	user->rdi = arguments[0];
	user->rsi = arguments[1];
	user->rdx = arguments[2];
	user->r10 = arguments[3];
	user->r8 = arguments[4];
	user->r9 = arguments[5];
}

/* True if a stop has interrupted a system call that is to be restarted. After
 * ERESTART_RESTARTBLOCK only the kernel knows the remaining time, so a dump restarts the whole
 * call. ENOSYS is the result at the entry of a call, where a debugger may have stopped the thread;
 * a call that the kernel does not know returns the same when restarted. */
static inline bool arch_restarts_syscall(const struct arch_registers *registers)
{
	long result = arch_result(registers);

	return arch_syscall_number(registers) >= 0
	       && (result == -ARCH_ERESTARTSYS || result == -ARCH_ERESTARTNOINTR
		   || result == -ARCH_ERESTARTNOHAND || result == -ARCH_ERESTART_RESTARTBLOCK
		   || result == -ENOSYS);
}

/* At the entry of a system call: makes the kernel skip it. */
static inline void arch_skip_syscall(struct arch_registers *registers)
{
	registers->user.orig_rax = UINT64_MAX;
}

/* At the entry of a system call: sets the registers back to before its instruction, so that the
 * thread makes the call again. */
static inline void arch_before_syscall(struct arch_registers *registers)
{
	registers->user.rip -= ARCH_SYSCALL_LENGTH;
	registers->user.rax = registers->user.orig_rax;
	registers->user.orig_rax = UINT64_MAX;
}

/* interrupted_call.c: the number of the system call that the thread is in, from the code that has made
 * it; -1: unknown. After a stop the kernel continues some calls by restart_syscall(), and the
 * registers no longer have their number. */
long arch_syscall_number_in_code(const struct arch_registers *registers, arch_reader *read,
				 void *context);

/* True if the thread waits, or is about to wait, in a system call that no libc makes with a lock
 * held, except the lock of a stream: read, poll, nanosleep, … */
bool arch_is_waiting(const struct arch_registers *registers, arch_reader *read, void *context);

#endif
