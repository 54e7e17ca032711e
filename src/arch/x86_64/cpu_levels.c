/* SPDX-License-Identifier: MIT
 *
 * x86-64, in the unexec program: the features of this CPU, and the environment that makes a
 * program use fewer.
 */
#include <stdio.h>
#include <string.h>

#include "arch_cpu.h"
#include "cpu_words.h"

static const struct arch_cpu_feature features[] = { ARCH_CPU_FEATURES(ARCH_CPU_FEATURE) };
#define FEATURES (sizeof(features) / sizeof(*features))

static uint32_t feature_bit(const struct arch_cpu_feature *feature)
{
	return UINT32_C(1) << feature->bit;
}

static const struct arch_cpu_feature *find_feature(const char *name)
{
	for (size_t i = 0; i < FEATURES; i++)
		if (!strncmp(features[i].name, name, sizeof(features[i].name))
		    && strlen(name) < sizeof(features[i].name))
			return &features[i];
	return NULL;
}

/* ---- The needs of a dump made here ------------------------------------------------------- */

static void ask_all(uint32_t has[CPU_WORDS])
{
	uint32_t all[CPU_WORDS], basic[4], extended[4];

	arch_cpuid(0, 0, basic);
	arch_cpuid(0x80000000, 0, extended);
	memset(all, 0xff, sizeof(all));
	if (basic[0] < 7)
		all[CPU_7_EBX] = all[CPU_7_ECX] = all[CPU_7_EDX] = 0;
	if (basic[0] < 0xd)
		all[CPU_XSAVE] = 0;
	if (extended[0] < 0x80000001)
		all[CPU_EXT_ECX] = 0;
	arch_cpu_ask(all, has);
}

static bool has_feature(const uint32_t has[CPU_WORDS], const char *name)
{
	const struct arch_cpu_feature *feature = find_feature(name);

	return has[feature->word] & feature_bit(feature)
	       && (has[CPU_XCR0] & feature->states) == feature->states;
}

/* False for features of this CPU that need no mention in a plan. */
static bool must_be_listed(const uint32_t has[CPU_WORDS], const char *name)
{
	/* libc executes XTEST, whether it is in a transaction, before it clears the vector
	 * registers; but not on CPUs where it has other registers to use. */
	if (!strcmp(name, "rtm"))
		return !(has_feature(has, "avx512vl") && has_feature(has, "avx512bw"))
		       && !(has[CPU_7_EDX] & UINT32_C(1) << 11 /* RTM_ALWAYS_ABORT */);
	/* No CPU has AVX512BW or SHA without XSAVEC, and a plan that asks for it costs another
	 * CPUID. */
	if (!strcmp(name, "xsavec"))
		return has_feature(has, "xsave") && !has_feature(has, "avx512bw")
		       && !has_feature(has, "sha");
	if (!strcmp(name, ARCH_CPU_NARROW))
		return has_feature(has, "xsave") && !(has[CPU_XSAVE] & 2);
	return true;
}

void arch_cpu_features(void (*add)(void *context, const char *name), void *context)
{
	uint32_t has[CPU_WORDS];

	ask_all(has);
	for (size_t i = 0; i < FEATURES; i++)
		if (features[i].word != CPU_USED && has_feature(has, features[i].name)
		    && must_be_listed(has, features[i].name))
			add(context, features[i].name);
}

bool arch_cpu_has(const char *name)
{
	uint32_t has[CPU_WORDS];

	ask_all(has);
	return find_feature(name) && has_feature(has, name);
}

uint64_t arch_cpu_states(uint64_t states, void (*add)(void *context, const char *name),
			 void *context)
{
	for (size_t i = 0; i < FEATURES; i++) {
		if (features[i].word != CPU_USED || !(states & features[i].states))
			continue;
		add(context, features[i].name);
		states &= ~(uint64_t)features[i].states;
	}
	return states;
}

bool arch_cpu_need(uint32_t cpu[], const char *name)
{
	const struct arch_cpu_feature *feature = find_feature(name);

	if (!feature)
		return false;
	cpu[feature->word] |= feature_bit(feature);
	cpu[CPU_XCR0] |= feature->states;
	return true;
}

/* ---- Levels ------------------------------------------------------------------------------ */

int arch_cpu_level(const char *name)
{
	static const char *const names[] = {
		"baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4",
	};

	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(name, names[i]))
			return i + 1;
	return 0;
}

bool arch_cpu_level_has(int level, const char *name)
{
	const struct arch_cpu_feature *feature = find_feature(name);

	return feature && feature->level <= level;
}

/* The features by which glibc chooses code, as its tunable glibc.cpu.hwcaps names them. glibc
 * ignores names that it does not know. Up to 2.32, some names ended in _Usable. */
static const struct {
	const char *name;
	int level;
} tunables[] = {
	{ "SSE3", 2 }, { "SSSE3", 2 }, { "SSE4_1", 2 }, { "SSE4_2", 2 }, { "POPCNT", 2 },
	{ "MOVBE", 3 }, { "LZCNT", 3 }, { "BMI1", 3 }, { "BMI2", 3 }, { "FMA", 3 },
	{ "FMA_Usable", 3 }, { "AVX", 3 }, { "AVX_Usable", 3 }, { "AVX2", 3 },
	{ "AVX2_Usable", 3 }, { "AVX_Fast_Unaligned_Load", 3 },
	{ "AVX512F", 4 }, { "AVX512F_Usable", 4 }, { "AVX512VL", 4 }, { "AVX512BW", 4 },
	{ "AVX512DQ", 4 }, { "AVX512DQ_Usable", 4 }, { "AVX512CD", 4 },
	{ "FMA4", 9 }, { "FMA4_Usable", 9 }, { "RTM", 9 }, { "AVX512ER", 9 },
	{ "AVX512PF", 9 }, { "XSAVEC", 9 }, { "XSAVEC_Usable", 9 },
};

static void tell_glibc(int level, char *text, size_t room)
{
	const char *before = "glibc.cpu.hwcaps=";
	size_t length = 0;

	for (size_t i = 0; i < sizeof(tunables) / sizeof(*tunables); i++) {
		if (tunables[i].level <= level || length >= room)
			continue;
		length += (size_t)snprintf(text + length, room - length, "%s-%s", before,
					   tunables[i].name);
		before = ",";
	}
}

/* OpenSSL ignores the bits of two numbers: of leaf 1 (ecx is the upper half) and of leaf 7 (ebx
 * is the lower half). It uses bit 43 of the first number for XOP. */
static void tell_openssl(int level, char *text, size_t room)
{
	uint32_t forget[CPU_WORDS] = { [CPU_1_ECX] = UINT32_C(1) << 11 };

	for (size_t i = 0; i < FEATURES; i++)
		if (features[i].level > level)
			forget[features[i].word] |= feature_bit(&features[i]);
	snprintf(text, room, "~0x%08x00000000:~0x%08x%08x", (unsigned)forget[CPU_1_ECX],
		 (unsigned)forget[CPU_7_ECX], (unsigned)forget[CPU_7_EBX]);
}

void arch_cpu_level_variables(int level, void (*add)(void *context, const char *name,
						     const char *value), void *context)
{
	char text[512];

	tell_glibc(level, text, sizeof(text));
	add(context, "GLIBC_TUNABLES", text);
	tell_openssl(level, text, sizeof(text));
	add(context, "OPENSSL_ia32cap", text);
	/* Lazy binding saves the registers of this CPU, with the instruction that this CPU has. */
	add(context, "LD_BIND_NOW", "1");
}
