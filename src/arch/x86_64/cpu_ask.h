/* SPDX-License-Identifier: MIT
 *
 * x86-64: the instructions that tell what a CPU has. A header of its own so that tests
 * can put another CPU in its place.
 */
#ifndef CPU_ASK_H
#define CPU_ASK_H

#include <stdint.h>

/* eax, ebx, ecx, edx. Virtual machines trap here: 1 to 20 µs each. */
static inline void arch_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
			   "=d"(registers[3])
			 : "a"(leaf), "c"(subleaf));
}

/* Leaf 1, ecx: OSXSAVE, the kernel uses XSAVE and XGETBV works. */
#define CPU_OSXSAVE (UINT32_C(1) << 27)

/* The low half of XCR0: for which registers the kernel keeps a thread's values. Must not be
 * asked without OSXSAVE. Does not trap. */
static inline uint32_t arch_xgetbv(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

/* The thread's rights to protection keys (PKRU). Only where XCR0 has bit 9. */
static inline uint32_t arch_read_keys(void)
{
	uint32_t keys, zero;

	__asm__ volatile("rdpkru" : "=a"(keys), "=d"(zero) : "c"(0));
	return keys;
}

#endif
