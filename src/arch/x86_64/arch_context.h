/* SPDX-License-Identifier: MIT
 *
 * x86-64, in the library: the context of a thread that runs a signal handler.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include <errno.h>
#include <stdint.h>
#include <ucontext.h>

/* lib.S: the kernel requires SA_RESTORER and a function that calls rt_sigreturn. */
#define ARCH_SA_RESTORER UINT64_C(0x04000000)
void arch_restorer(void);

/* Returns the stack pointer with which rt_sigreturn finds the frame of a handler that has this
 * ucontext (arch/x86/kernel/signal_64.c: the frame begins with the return address, which the
 * handler has popped by then). */
static inline uint64_t arch_context_frame(void *ucontext)
{
	return (uint64_t)ucontext;
}

/* The program counter. */
static inline uint64_t arch_context_counter(void *context)
{
	return (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

/* Returns the address of the system call's result if the thread waited until a time of
 * CLOCK_MONOTONIC and was interrupted; else 0. The context no longer has the call's number, but
 * it has its arguments: libcs and language runtimes wait with
 * futex(word, FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG, value, time, NULL, all bits). */
static inline uint64_t arch_context_wait_until(void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (registers[REG_RAX] != -EINTR || (registers[REG_RSI] & ~128) != 9
	    || !registers[REG_R10] || registers[REG_R8]
	    || (uint32_t)registers[REG_R9] != UINT32_MAX)
		return 0;
	return (uint64_t)&registers[REG_RAX];
}

#endif
