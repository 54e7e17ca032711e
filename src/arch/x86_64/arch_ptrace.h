/* SPDX-License-Identifier: MIT
 *
 * x86-64: the registers of a thread that is held by ptrace, as PTRACE_GETREGSET has them.
 */
#ifndef ARCH_PTRACE_H
#define ARCH_PTRACE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/user.h>

/* The instruction that makes a system call. */
#define ARCH_SYSCALL_CODE "\x0f\x05"
#define ARCH_SYSCALL_LENGTH 2

/* The same and `ret`; and where handlers of signals return to: rt_sigreturn, as libcs write
 * it. */
#define ARCH_CALL_RETURN_CODE "\x0f\x05\xc3"
#define ARCH_RESTORER_CODE "\x48\xc7\xc0\x0f\0\0\0\x0f\x05"

/* Below the stack pointer, and in use (the psABI). */
#define ARCH_RED_ZONE 128

/* After a breakpoint (arch_tool.h) the program counter is behind it. */
#define ARCH_BREAKPOINT_LENGTH 1

/* The system call, and its first argument, that tells what states of vector registers a process
 * may use (asm/prctl.h, since 5.16: ARCH_GET_XCOMP_PERM); and the one that it must ask for. */
#define ARCH_PERMITTED_CALL SYS_arch_prctl
#define ARCH_PERMITTED_ARGUMENT 0x1022
#define ARCH_ASKED_FOR (UINT64_C(1) << 18) /* XFEATURE_XTILE_DATA */

/* arch/x86/include/asm/segment.h: __USER_CS, of 64-bit code. */
#define ARCH_USER_CS 0x33

/* Kernel-internal results of calls that a stop has interrupted (include/linux/errno.h). */
#define ARCH_ERESTARTSYS 512
#define ARCH_ERESTARTNOINTR 513
#define ARCH_ERESTARTNOHAND 514
#define ARCH_ERESTART_RESTARTBLOCK 516

/* Whether the thread runs code of this machine and not of its 32-bit ancestor. */
static inline bool arch_is_native(const struct user_regs_struct *registers)
{
	return registers->cs == ARCH_USER_CS;
}

static inline uint64_t arch_pc(const struct user_regs_struct *registers)
{
	return registers->rip;
}

static inline void arch_set_pc(struct user_regs_struct *registers, uint64_t pc)
{
	registers->rip = pc;
}

static inline uint64_t arch_sp(const struct user_regs_struct *registers)
{
	return registers->rsp;
}

static inline void arch_set_sp(struct user_regs_struct *registers, uint64_t sp)
{
	registers->rsp = sp;
}

/* What a call has returned: a value, or -errno. */
static inline long arch_result(const struct user_regs_struct *registers)
{
	return (long)registers->rax;
}

static inline void arch_set_result(struct user_regs_struct *registers, long result)
{
	registers->rax = (uint64_t)result;
}

/* The system call that the thread has entered, -1: none. */
static inline long arch_call_number(const struct user_regs_struct *registers)
{
	return (long)registers->orig_rax;
}

static inline void arch_set_call_number(struct user_regs_struct *registers, long number)
{
	registers->orig_rax = (uint64_t)number;
}

static inline uint64_t arch_call_argument(const struct user_regs_struct *registers, int index)
{
	const uint64_t arguments[] = { registers->rdi, registers->rsi, registers->rdx,
				       registers->r10, registers->r8, registers->r9 };

	return arguments[index];
}

static inline void arch_set_call_argument(struct user_regs_struct *registers, uint64_t first)
{
	registers->rdi = first;
}

/* Makes the registers those of a thread that is about to execute the instruction at
 * `instruction`, ARCH_SYSCALL_CODE. The stack pointer stays. */
static inline void arch_set_call(struct user_regs_struct *registers, uint64_t instruction,
				 long number, const uint64_t arguments[6])
{
	registers->rip = instruction;
	registers->rax = (uint64_t)number;
	registers->orig_rax = UINT64_MAX; /* nothing to begin again */
	registers->rdi = arguments[0];
	registers->rsi = arguments[1];
	registers->rdx = arguments[2];
	registers->r10 = arguments[3];
	registers->r8 = arguments[4];
	registers->r9 = arguments[5];
}

/* At the entry of a system call: the kernel shall not make it. */
static inline void arch_skip_call(struct user_regs_struct *registers)
{
	registers->orig_rax = UINT64_MAX;
}

/* The registers, as they were at the entry of the call, become those before it: it begins
 * again. */
static inline void arch_before_call(struct user_regs_struct *registers)
{
	registers->rip -= ARCH_SYSCALL_LENGTH;
	registers->rax = registers->orig_rax;
	registers->orig_rax = UINT64_MAX;
}

#endif
