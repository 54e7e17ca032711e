/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the unexec program must know of the machine it writes for.
 */
#ifndef ARCH_TOOL_H
#define ARCH_TOOL_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_MACHINE EM_X86_64
#define ARCH_NAME "x86-64"

/* What a debugger writes over the first byte of an instruction to stop there: int3. */
#define ARCH_BREAKPOINT 0xcc

/* The code that takes the place of the vDSO's function `name` at `address`: a jump through
 * the slot at `slot`, and behind it, at *ret_fallback, what does the same by a system call.
 * Returns its length, 0 if it does not fit in `room` bytes. */
size_t arch_bridge_code(unsigned char *code, size_t room, uint64_t address, uint64_t slot,
			const char *name, uint64_t *ret_fallback);

/* A thread that waits in futex(), seen by the signal frame (plan_thread.frame): whether the
 * system call is begun again when it returns, or has failed with EINTR. */
struct arch_wait {
	uint64_t word;  /* its first argument */
	uint64_t stack; /* the stack pointer */
	uint16_t kept[6]; /* where in the frame the registers lie that a call keeps */
};
#define ARCH_KEPT_REGISTERS 6
#define ARCH_FRAME_BYTES 256 /* what is looked at of the frame */
bool arch_futex_wait(const unsigned char *frame, struct arch_wait *ret_wait);

/* How far a slot may be from the code. */
#define ARCH_BRIDGE_REACH (UINT64_C(1) << 30)

/* Calls add(context, name) for each instruction set that this CPU has and that programs
 * and libc choose code by. */
void arch_cpu_features(void (*add)(void *context, const char *name), void *context);

#endif
