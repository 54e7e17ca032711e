/* SPDX-License-Identifier: MIT
 *
 * x86-64: vector registers. Their state consists of numbered states (the bits of XCR0), whose
 * layout depends on the CPU (struct plan_registers).
 */
#ifndef ARCH_VECTORS_H
#define ARCH_VECTORS_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_syscall.h"
#include "cpu_ask.h"
#include "shared/plan.h"

/* The states that a process must request before it can use them: XFEATURE_XTILE_DATA, the tiles
 * of AMX. */
#define ARCH_REQUESTED_STATES (UINT64_C(1) << 18)

/* The system call, and its first argument, that returns the states that the process may use
 * (asm/prctl.h, since 5.16: ARCH_GET_XCOMP_PERM). */
#define ARCH_PERMITTED_CALL __NR_arch_prctl
#define ARCH_PERMITTED_ARGUMENT 0x1022

/* ---- The unexec program: vectors.c -------------------------------------------------------- */

/* The notes (<elf.h>) of PTRACE_GETREGSET and cores: all vector registers; their layout, in cores
 * of kernels since 6.12. Where the first is missing, NT_PRFPREG has the oldest registers. */
#define ARCH_VECTOR_NOTE NT_X86_XSTATE
#define ARCH_VECTOR_NOTE_NAME "NT_X86_XSTATE"
#define ARCH_LAYOUT_NOTE 0x205 /* NT_X86_XSAVE_LAYOUT */

/* The states that this CPU and its kernel keep, and their layout. */
void arch_vectors_here(struct plan_registers *ret_registers);

/* The same of the CPU that a core's ARCH_VECTOR_NOTE is from: by its ARCH_LAYOUT_NOTE, or, where
 * `layout` is NULL, from known CPUs. Returns NULL, or what is wrong with the note. */
const char *arch_vectors_of_core(const void *vector, size_t vector_size, const void *layout,
				 size_t layout_size, struct plan_registers *ret_registers);

/* Checks a thread's ARCH_VECTOR_NOTE against that CPU. Returns NULL, or what is wrong with it. */
const char *arch_vectors_check(const struct plan_registers *registers, const void *vector,
			       size_t vector_size);

/* ---- The restarter: fit_frames.c ---------------------------------------------------------- */

/* Requests the states that the dump's process had requested. Returns 0 or -errno. */
#define ARCH_REQUESTED_NAME "AMX"
long arch_request_states(const struct plan *plan);

/* Makes this thread use the requested states that its frame has, before the kernel takes that
 * frame. */
void arch_claim_states(const struct plan *plan, uint64_t frame);

/* ---- The library -------------------------------------------------------------------------- */

/* The requested states that this process may use. */
static inline uint64_t arch_permitted(void)
{
	uint64_t permitted = 0;

	sys(ARCH_PERMITTED_CALL, ARCH_PERMITTED_ARGUMENT, &permitted);
	return permitted & ARCH_REQUESTED_STATES;
}

/* lib.S: the area has the size of all these states (SDM 1, 13.4.3): XRSTOR may fault for parts
 * that it need not read. */
#define ARCH_VECTORS_AREA 2688
void arch_initialise_vectors(void *area);

/* Clears vector registers, which no function preserves for its caller, so that a signal frame does
 * not hold what the last string functions and ciphers left there. Does nothing on CPUs that have
 * only SSE, from before 2008. */
static inline void arch_forget_vectors(void)
{
	_Alignas(64) unsigned char area[ARCH_VECTORS_AREA] = { 0 };
	uint32_t registers[4];

	arch_cpuid(1, 0, registers);
	if (registers[2] & CPU_OSXSAVE)
		arch_initialise_vectors(area);
}

#endif
