/* SPDX-License-Identifier: MIT
 *
 * x86-64, in the restarter: compares the CPU with the needs of the dump. It uses names only
 * when something is missing.
 */
#include "arch_cpu.h"
#include "cpu_words.h"

bool arch_cpu_fits(const uint32_t need[PLAN_CPU_WORDS], uint32_t lacks[PLAN_CPU_WORDS])
{
	uint32_t has[CPU_WORDS], missing = 0;

	/* Leaf 7 is read without a check that it exists, which would be a third CPUID. A CPU
	 * without it returns zeros (AMD) or another leaf (Intel); such CPUs are older than SSE4
	 * and lack something of leaf 1. */
	arch_cpu_ask(need, has);
	for (int i = 0; i < CPU_WORDS; i++)
		missing |= lacks[i] = need[i] & ~has[i];
	return !missing;
}

static bool is_missing(const struct arch_cpu_feature *feature, const uint32_t need[],
		       const uint32_t lacks[])
{
	uint32_t bit = UINT32_C(1) << feature->bit;

	if (!(need[feature->word] & bit))
		return false;
	return lacks[feature->word] & bit || lacks[CPU_XCR0] & feature->states;
}

void arch_cpu_name_missing(const uint32_t need[PLAN_CPU_WORDS],
			   const uint32_t lacks[PLAN_CPU_WORDS],
			   void (*add)(void *context, const char *text), void *context)
{
	static const struct arch_cpu_feature features[] = {
		ARCH_CPU_FEATURES(ARCH_CPU_FEATURE)
	};
	const int count = sizeof(features) / sizeof(*features);
	const char *before = "lacks ";

	/* The last of the table is no instruction. */
	for (int i = 0; i < count - 1; i++) {
		if (!is_missing(&features[i], need, lacks))
			continue;
		add(context, before);
		add(context, features[i].name);
		before = ", ";
	}
	if (*before == ',')
		add(context, ", which the dump was made with");
	else
		add(context, "has AVX-512, for whose registers lazy binding in the dump has "
			     "no room");
}
