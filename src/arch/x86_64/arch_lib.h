/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the library needs of the machine.
 */
#ifndef ARCH_LIB_H
#define ARCH_LIB_H

#include <stdint.h>

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "arch_cpuid.h"
#include "arch_main.h"
#include "arch_syscall.h"
#include "shared/plan.h"

#define ARCH_MACHINE EM_X86_64

/* asm/prctl.h: ARCH_GET_FS, ARCH_GET_GS */
#define ARCH_GET_FS_CODE 0x1003
#define ARCH_GET_GS_CODE 0x1004

static inline void arch_get_bases(uint64_t *ret_fs, uint64_t *ret_gs)
{
	sys(SYS_arch_prctl, ARCH_GET_FS_CODE, ret_fs);
	sys(SYS_arch_prctl, ARCH_GET_GS_CODE, ret_gs);
}

/* asm/prctl.h, since 5.16: ARCH_GET_XCOMP_PERM; and XFEATURE_XTILE_DATA, the one state that a
 * process must ask for. */
#define ARCH_GET_PERMITTED_CODE 0x1022
#define ARCH_TILES 18

/* States of vector registers that the process has asked for and may use. */
static inline uint64_t arch_permitted(void)
{
	uint64_t permitted = 0;

	sys(SYS_arch_prctl, ARCH_GET_PERMITTED_CODE, &permitted);
	return permitted & UINT64_C(1) << ARCH_TILES;
}

/* The stack pointer with which rt_sigreturn finds the frame of a handler that was given
 * this ucontext (arch/x86/kernel/signal_64.c: the frame begins with the return address,
 * which is popped by then). */
static inline uint64_t arch_frame(void *ucontext)
{
	return (uint64_t)ucontext;
}

static inline uint64_t arch_program_counter(void *context)
{
	return (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

/* If this ucontext is of a thread that waited until a time of CLOCK_MONOTONIC and was
 * interrupted: where the result of the system call lies; else 0. The call is no longer
 * known, but its arguments are: libcs and language runtimes wait with
 * futex(word, FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG, value, time, NULL, all bits). */
static inline uint64_t arch_wait_until(void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (registers[REG_RAX] != -EINTR || (registers[REG_RSI] & ~128) != 9
	    || !registers[REG_R10] || registers[REG_R8]
	    || (uint32_t)registers[REG_R9] != UINT32_MAX)
		return 0;
	return (uint64_t)&registers[REG_RAX];
}

/* The kernel demands SA_RESTORER and a function that calls rt_sigreturn. */
#define ARCH_SA_RESTORER UINT64_C(0x04000000)
void arch_restorer(void);

/* bits/rseq.h of glibc 2.35: RSEQ_SIG */
#define ARCH_RSEQ_SIGNATURE 0x53053053

/* lib.S: where threads of a dump wait until the library has set things right. */
void arch_gate(void);
_Static_assert(offsetof(struct boot, open) == 72, "BOOT_OPEN in lib.S");
_Static_assert(offsetof(struct boot, arrived) == 76, "BOOT_ARRIVED in lib.S");

/* What the last string functions and ciphers have left in vector registers, which no function
 * keeps for its caller, shall not be in a signal frame. CPUs that have only SSE, of before 2008,
 * are left alone. The area is as long as one with all of that state would be (SDM 1, 13.4.3):
 * XRSTOR may fault for what it need not read. */
void arch_initialise_vectors(void *area);
static inline void arch_forget_vectors(void)
{
	_Alignas(64) unsigned char area[2688] = { 0 };
	uint32_t registers[4];

	arch_cpuid(1, 0, registers);
	if (registers[2] & UINT32_C(1) << 27 /* OSXSAVE */)
		arch_initialise_vectors(area);
}

/* lib.S: exit(fn(argc, argv, envp)) on another stack, which unwinders see the end of. */
void arch_call_on_stack(uint64_t top, int (*fn)(int, char **, char **), int argc, char **argv,
			char **envp) __attribute__((noreturn));

/* The address of main, 0 if the code at the program's entry does not tell it. */
static inline uint64_t arch_find_main(uint64_t entry)
{
	bool indirect;
	uint64_t found = arch_main_in_code((const unsigned char *)entry, entry, &indirect);

	return found && indirect ? *(const uint64_t *)found : found;
}

#endif
