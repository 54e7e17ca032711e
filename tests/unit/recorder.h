/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replaces src/arch/…/arch_syscall.h and cpu_ask.h when the restarter is compiled for unit
 * tests: the test answers system calls and questions about the CPU. Included by -include,
 * before the real ones; so it may include nothing itself (a test has yet to define
 * _GNU_SOURCE).
 */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H
#define CPU_ASK_H

/* Defined by the test: records a call and returns the kernel's result. */
long recorder_call(long number, const long arguments[6]);

#define RECORDER_6(n, a, b, c, d, e, f, ...) \
	recorder_call(n, (const long[]){ (long)(a), (long)(b), (long)(c), (long)(d), \
					 (long)(e), (long)(f) })
#define sys(...) RECORDER_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* The same for queries about the CPU. */
void arch_cpuid(unsigned int leaf, unsigned int subleaf, unsigned int registers[4]);
unsigned int arch_xgetbv(void);
unsigned int arch_read_keys(void);
#define CPU_OSXSAVE (1U << 27)

static inline int sys_failed(long result)
{
	return (unsigned long)result > -4096UL;
}

#endif
