/* SPDX-License-Identifier: MIT
 *
 * x86-64: the instructions that describe the CPU. They have a header of their own so that tests
 * can replace it by another CPU.
 */
#ifndef CPU_ASK_H
#define CPU_ASK_H

#include <stdint.h>

/* Returns eax, ebx, ecx, edx. CPUID traps in virtual machines, which takes 1 to 20 µs. */
static inline void arch_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
			   "=d"(registers[3])
			 : "a"(leaf), "c"(subleaf));
}

/* Leaf 1, ecx: OSXSAVE, the kernel uses XSAVE and XGETBV works. */
#define CPU_OSXSAVE (UINT32_C(1) << 27)

/* Returns the low half of XCR0: the states that the kernel keeps for each thread. XGETBV needs
 * OSXSAVE and does not trap. */
static inline uint32_t arch_xgetbv(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

/* Returns the thread's rights to protection keys (PKRU). RDPKRU needs bit 9 of XCR0. */
static inline uint32_t arch_read_keys(void)
{
	uint32_t keys, zero;

	__asm__ volatile("rdpkru" : "=a"(keys), "=d"(zero) : "c"(0));
	return keys;
}

#endif
