/* SPDX-License-Identifier: MIT
 *
 * x86-64: the instruction sets by which programs choose code, and the words of a plan that list
 * those that a dump needs. The unexec program and the restarter use it.
 */
#ifndef CPU_WORDS_H
#define CPU_WORDS_H

#include <stdint.h>

#include "cpu_ask.h"
#include "shared/plan.h"

/* The words of plan.cpu. All their bits must be set at the start. */
enum arch_cpu_word {
	CPU_1_ECX,    /* CPUID leaf 1 */
	CPU_7_EBX,    /* leaf 7 */
	CPU_7_ECX,
	CPU_7_EDX,
	CPU_EXT_ECX,  /* leaf 0x80000001 */
	CPU_XSAVE,    /* leaf 0xd, sub-leaf 1: eax */
	CPU_XCR0,     /* states that the kernel keeps */
	CPU_NO_XCR0,  /* states that it must not keep */
	CPU_USED,     /* states in which threads have values */
	CPU_WORDS
};
_Static_assert(CPU_WORDS == PLAN_CPU_WORDS, "PLAN_CPU_WORDS");

/* Bits of XCR0. */
#define CPU_STATE_AVX 0x6
#define CPU_STATE_AVX512 0xe6
#define CPU_STATE_AMX 0x60000
#define CPU_STATE_MPX 0x18
#define CPU_STATE_APX 0x80000

/* X(name, word, bit, states, level): `level` is the level of x86-64 that has it, 9 for none.
 * The names of CPU_USED are no instructions: they are listed when a thread has values in such
 * registers, and have level 0.
 *
 * The table has only features by which programs choose code that fails without them. It leaves
 * out:
 * - ERMS and FSRM: without them, the same instructions are only slow;
 * - LZCNT: every CPU with BMI has it, and it would cost another CPUID;
 * - SSE4A and others of AMD: nothing chooses code by them, and dumps made on AMD's CPUs would not
 *   start on Intel's;
 * - leaf 7, sub-leaf 1 (AVX-VNNI, AVX512-BF16): each CPU that has one of them also has something
 *   new of the below. */
#define ARCH_CPU_FEATURES(X) \
	X("sse3", CPU_1_ECX, 0, 0, 2) \
	X("ssse3", CPU_1_ECX, 9, 0, 2) \
	X("sse4.1", CPU_1_ECX, 19, 0, 2) \
	X("sse4.2", CPU_1_ECX, 20, 0, 2) \
	X("popcnt", CPU_1_ECX, 23, 0, 2) \
	X("cx16", CPU_1_ECX, 13, 0, 2) \
	X("xsave", CPU_1_ECX, 27, 0, 3) \
	X("movbe", CPU_1_ECX, 22, 0, 3) \
	X("f16c", CPU_1_ECX, 29, CPU_STATE_AVX, 3) \
	X("avx", CPU_1_ECX, 28, CPU_STATE_AVX, 3) \
	X("fma", CPU_1_ECX, 12, CPU_STATE_AVX, 3) \
	X("avx2", CPU_7_EBX, 5, CPU_STATE_AVX, 3) \
	X("bmi", CPU_7_EBX, 3, 0, 3) \
	X("bmi2", CPU_7_EBX, 8, 0, 3) \
	X("aes", CPU_1_ECX, 25, 0, 9) \
	X("pclmul", CPU_1_ECX, 1, 0, 9) \
	X("rdrand", CPU_1_ECX, 30, 0, 9) \
	X("rdseed", CPU_7_EBX, 18, 0, 9) \
	X("adx", CPU_7_EBX, 19, 0, 9) \
	X("sha", CPU_7_EBX, 29, 0, 9) \
	X("rtm", CPU_7_EBX, 11, 0, 9) \
	X("gfni", CPU_7_ECX, 8, 0, 9) \
	X("vaes", CPU_7_ECX, 9, CPU_STATE_AVX, 9) \
	X("vpclmulqdq", CPU_7_ECX, 10, CPU_STATE_AVX, 9) \
	X("avx512f", CPU_7_EBX, 16, CPU_STATE_AVX512, 4) \
	X("avx512dq", CPU_7_EBX, 17, CPU_STATE_AVX512, 4) \
	X("avx512cd", CPU_7_EBX, 28, CPU_STATE_AVX512, 4) \
	X("avx512bw", CPU_7_EBX, 30, CPU_STATE_AVX512, 4) \
	X("avx512vl", CPU_7_EBX, 31, CPU_STATE_AVX512, 4) \
	X("avx512ifma", CPU_7_EBX, 21, CPU_STATE_AVX512, 9) \
	X("avx512vbmi", CPU_7_ECX, 1, CPU_STATE_AVX512, 9) \
	X("avx512vbmi2", CPU_7_ECX, 6, CPU_STATE_AVX512, 9) \
	X("avx512vnni", CPU_7_ECX, 11, CPU_STATE_AVX512, 9) \
	X("avx512bitalg", CPU_7_ECX, 12, CPU_STATE_AVX512, 9) \
	X("avx512vpopcntdq", CPU_7_ECX, 14, CPU_STATE_AVX512, 9) \
	X("avx512fp16", CPU_7_EDX, 23, CPU_STATE_AVX512, 9) \
	X("amx-bf16", CPU_7_EDX, 22, CPU_STATE_AMX, 9) \
	X("amx-tile", CPU_7_EDX, 24, CPU_STATE_AMX, 9) \
	X("amx-int8", CPU_7_EDX, 25, CPU_STATE_AMX, 9) \
	X("fma4", CPU_EXT_ECX, 16, CPU_STATE_AVX, 9) \
	X("xop", CPU_EXT_ECX, 11, CPU_STATE_AVX, 9) \
	X("xsavec", CPU_XSAVE, 1, 0, 9) \
	X("avx-registers", CPU_USED, 2, CPU_STATE_AVX, 0) \
	X("mpx-registers", CPU_USED, 3, CPU_STATE_MPX, 0) \
	X("avx512-registers", CPU_USED, 5, CPU_STATE_AVX512, 0) \
	X("protection-keys", CPU_USED, 9, 1 << 9, 0) \
	X("amx-registers", CPU_USED, 17, CPU_STATE_AMX, 0) \
	X("apx-registers", CPU_USED, 19, CPU_STATE_APX, 0) \
	X(ARCH_CPU_NARROW, CPU_NO_XCR0, 5, 0, 9)

/* glibc's lazy binding saves vector registers on the stack. Without XSAVEC, it has room for the
 * states that the kernel kept where the program was started, and writes all states that the
 * kernel keeps now. */
#define ARCH_CPU_NARROW "no-avx512"

struct arch_cpu_feature {
	char name[20];
	uint8_t word, bit, level;
	uint32_t states;
};

#define ARCH_CPU_FEATURE(name, word, bit, states, level) { name, word, bit, level, states },

/* Fills in the words of has[] in which need[] has bits. */
static inline void arch_cpu_ask(const uint32_t need[CPU_WORDS], uint32_t has[CPU_WORDS])
{
	uint32_t registers[4];

	for (int i = 0; i < CPU_WORDS; i++)
		has[i] = 0;
	if (need[CPU_1_ECX] | need[CPU_XCR0] | need[CPU_NO_XCR0] | need[CPU_USED]) {
		arch_cpuid(1, 0, registers);
		has[CPU_1_ECX] = registers[2];
	}
	if (need[CPU_7_EBX] | need[CPU_7_ECX] | need[CPU_7_EDX]) {
		arch_cpuid(7, 0, registers);
		has[CPU_7_EBX] = registers[1];
		has[CPU_7_ECX] = registers[2];
		has[CPU_7_EDX] = registers[3];
	}
	if (need[CPU_EXT_ECX]) {
		arch_cpuid(0x80000001, 0, registers);
		has[CPU_EXT_ECX] = registers[2];
	}
	if (need[CPU_XSAVE]) {
		arch_cpuid(0xd, 1, registers);
		has[CPU_XSAVE] = registers[0];
	}
	if (has[CPU_1_ECX] & CPU_OSXSAVE)
		has[CPU_XCR0] = arch_xgetbv();
	has[CPU_NO_XCR0] = ~has[CPU_XCR0];
	has[CPU_USED] = has[CPU_XCR0];
}

#endif
