/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does a dump start on a CPU, and what is its message if not: the CPU is made by hand. Also the
 * requirements that the program unexec writes into the plan.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/auxv.h>

#include "restarter/restarter.h"
#include "arch_cpu.h"
#include "cpu_ask.h"
#include "cpu_words.h"
#include "unit.h"

/* ---- The CPU, and the restarter's message and exit ---------------------------------------- */

static struct {
	uint32_t has[CPU_WORDS];
	int cpuids, xgetbvs;
	char said[1200];
	long status;
	jmp_buf end;
} fake;

void arch_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
	memset(registers, 0, 4 * sizeof(*registers));
	fake.cpuids++;
	switch (leaf) {
	case 1:
		registers[2] = fake.has[CPU_1_ECX];
		return;
	case 7:
		ck_assert_uint_eq(subleaf, 0);
		registers[1] = fake.has[CPU_7_EBX];
		registers[2] = fake.has[CPU_7_ECX];
		registers[3] = fake.has[CPU_7_EDX];
		return;
	case 0xd:
		ck_assert_uint_eq(subleaf, 1);
		registers[0] = fake.has[CPU_XSAVE];
		return;
	case 0x80000001:
		registers[2] = fake.has[CPU_EXT_ECX];
		return;
	default:
		ck_abort_msg("leaf %#x", leaf);
	}
}

uint32_t arch_read_keys(void)
{
	ck_abort_msg("keys");
}

uint32_t arch_xgetbv(void)
{
	ck_assert(fake.has[CPU_1_ECX] & 1U << 27); /* an invalid instruction without */
	fake.xgetbvs++;
	return fake.has[CPU_XCR0];
}

long recorder_call(long number, const long arguments[6])
{
	if (number == __NR_exit_group) {
		fake.status = arguments[0];
		longjmp(fake.end, 1);
	}
	if (number == __NR_readlinkat)
		return -ENOENT;
	ck_assert_int_eq(number, __NR_write);
	ck_assert_int_eq(arguments[0], 2);
	ck_assert_uint_lt(strlen(fake.said) + (size_t)arguments[2], sizeof(fake.said));
	strncat(fake.said, (const char *)arguments[1], (size_t)arguments[2]);
	return arguments[2];
}

/* Names to the end with NULL. */
static void add_all(uint32_t words[CPU_WORDS], va_list names)
{
	const char *name;

	memset(words, 0, CPU_WORDS * sizeof(*words));
	while ((name = va_arg(names, const char *)))
		ck_assert_msg(arch_cpu_need(words, name), "%s", name);
}

static struct plan plan_needs(int unused, ...)
{
	struct plan plan = { 0 };
	va_list names;

	va_start(names, unused);
	add_all(plan.cpu, names);
	va_end(names);
	return plan;
}

static void cpu_has(int unused, ...)
{
	va_list names;

	memset(&fake, 0, sizeof(fake));
	va_start(names, unused);
	add_all(fake.has, names);
	va_end(names);
}
#define NEEDS(...) plan_needs(0, ##__VA_ARGS__, (char *)NULL)
#define HAS(...) cpu_has(0, ##__VA_ARGS__, (char *)NULL)

/* Returns the message of a restarter started with that variable, "" if it continues. */
static const char *start(const struct plan *plan, const char *variable, uint64_t secure)
{
	uint64_t envp[] = { (uint64_t)"HOME=/", (uint64_t)variable, 0 };
	uint64_t auxv[] = { AT_SECURE, secure, AT_NULL, 0 };
	const struct block block = { .envp = (uint64_t)envp, .auxv = (uint64_t)auxv };

	fake.status = -1;
	fake.said[0] = 0;
	if (!setjmp(fake.end))
		cpu_check(plan, &block);
	ck_assert_int_eq(fake.status, fake.said[0] ? 125 : -1);
	return fake.said;
}

#define LACKS(names) "unexec: error: this CPU lacks " names ", which the dump was made with; " \
		     "UNEXEC_CPU=any starts it anyway\n"

/* ---- Queries ------------------------------------------------------------------------------ */

START_TEST(asks_what_is_needed_alone)
{
	struct plan plan = NEEDS();

	HAS();
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	ck_assert_int_eq(fake.cpuids + fake.xgetbvs, 0);

	plan = NEEDS("sse3");
	HAS("sse3");
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	ck_assert_int_eq(fake.cpuids, 1);

	plan = NEEDS("sse3", "xsave", "avx2", "avx512bw", "gfni", "amx-tile");
	HAS("sse3", "xsave", "avx2", "avx512bw", "gfni", "amx-tile");
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	ck_assert_int_eq(fake.cpuids, 2);
	ck_assert_int_eq(fake.xgetbvs, 1);

	plan = NEEDS("sse3", "xsave", "avx", "bmi", "fma4", "xsavec");
	HAS("sse3", "xsave", "avx", "bmi", "fma4", "xsavec");
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	ck_assert_int_eq(fake.cpuids, 4);
}
END_TEST

/* ---- Missing features --------------------------------------------------------------------- */

START_TEST(names_what_is_missing)
{
	const struct plan plan = NEEDS("sse3", "xsave", "avx", "avx2", "avx512f", "avx512bw");

	HAS("sse3", "xsave", "avx", "avx2", "avx512f", "sha");
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("avx512bw"));
	HAS("sse3", "sha");
	ck_assert_str_eq(start(&plan, NULL, 0),
			 LACKS("xsave, avx, avx2, avx512f, avx512bw"));
}
END_TEST

/* Each feature of the table is missing alone, and then all of them are. */
START_TEST(names_each)
{
	static const struct arch_cpu_feature features[] = {
		ARCH_CPU_FEATURES(ARCH_CPU_FEATURE)
	};
	const int count = sizeof(features) / sizeof(*features) - 1;
	struct plan all = NEEDS();
	char said[200];

	for (int i = 0; i < count; i++)
		arch_cpu_need(all.cpu, features[i].name);
	for (int i = 0; i < count; i++) {
		if (!strcmp(features[i].name, "xsave") || features[i].word == CPU_USED)
			continue; /* without XSAVE, no state is in use */
		HAS("sse3");
		memcpy(fake.has, all.cpu, sizeof(fake.has));
		fake.has[features[i].word] &= ~(1U << features[i].bit);
		snprintf(said, sizeof(said), LACKS("%.20s"), features[i].name);
		ck_assert_str_eq(start(&all, NULL, 0), said);
	}
	HAS();
	ck_assert_ptr_nonnull(strstr(start(&all, NULL, 0), "apx-registers, which the dump"));
	ck_assert_ptr_nonnull(strstr(fake.said, "starts it anyway\n"));
}
END_TEST

/* The CPU has it, but the kernel does not keep its registers. */
START_TEST(names_what_the_kernel_does_not_keep)
{
	const struct plan plan = NEEDS("xsave", "bmi", "avx", "avx2", "avx512f");

	HAS("xsave", "bmi", "avx", "avx2", "avx512f");
	fake.has[CPU_XCR0] = 7;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("avx512f"));
	fake.has[CPU_XCR0] = 3;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("avx, avx2, avx512f"));
}
END_TEST

/* Threads have values in registers that the CPU lacks; no instruction is missing. */
START_TEST(names_registers_in_use)
{
	struct plan plan = NEEDS("xsave", "avx512-registers", "protection-keys");

	HAS("xsave");
	fake.has[CPU_XCR0] = 0x2e7;
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	fake.has[CPU_XCR0] = 0xe7;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("protection-keys"));
	fake.has[CPU_XCR0] = 7;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("avx512-registers, protection-keys"));
	plan = NEEDS("avx-registers", "amx-registers");
	fake.has[CPU_XCR0] = 7;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("amx-registers"));
	fake.has[CPU_1_ECX] = 0;
	ck_assert_str_eq(start(&plan, NULL, 0), LACKS("avx-registers, amx-registers"));
}
END_TEST

START_TEST(no_room_for_more_registers)
{
	const struct plan plan = NEEDS("xsave", "avx", ARCH_CPU_NARROW);

	HAS("xsave", "avx");
	ck_assert_str_eq(start(&plan, NULL, 0), "");
	HAS("xsave", "avx", "avx512f");
	ck_assert_str_eq(start(&plan, NULL, 0),
			 "unexec: error: this CPU has AVX-512, for whose registers lazy binding in "
			 "the dump has no room; UNEXEC_CPU=any starts it anyway\n");
}
END_TEST

/* ---- The variable ------------------------------------------------------------------------- */

START_TEST(variable_overrides)
{
	const struct plan plan = NEEDS("avx512f");
	static const char *const not_it[] = {
		"UNEXEC_CPU=", "UNEXEC_CPU=an", "UNEXEC_CPU=anyway", "UNEXEC_CPU",
		"UNEXEC_CP=any", "UNEXEC_CPUS=any", "XUNEXEC_CPU=any",
	};

	HAS("avx", "xsave");
	ck_assert_str_eq(start(&plan, "UNEXEC_CPU=any", 0), "");
	ck_assert_str_eq(start(&plan, "UNEXEC_CPU=any", 1), LACKS("avx512f"));
	for (size_t i = 0; i < sizeof(not_it) / sizeof(*not_it); i++)
		ck_assert_str_eq(start(&plan, not_it[i], 0), LACKS("avx512f"));
}
END_TEST

/* ---- The program unexec ------------------------------------------------------------------- */

static void add_need(void *plan, const char *name)
{
	ck_assert_msg(arch_cpu_need(((struct plan *)plan)->cpu, name), "%s", name);
}

START_TEST(names_are_words)
{
	struct plan plan = NEEDS();

	ck_assert(arch_cpu_need(plan.cpu, "avx2"));
	ck_assert_uint_eq(plan.cpu[CPU_7_EBX], 1U << 5);
	ck_assert_uint_eq(plan.cpu[CPU_XCR0], 6);
	ck_assert(!arch_cpu_need(plan.cpu, "avx3"));
	ck_assert(!arch_cpu_need(plan.cpu, ""));
	ck_assert(!arch_cpu_need(plan.cpu, "avx512vpopcntdq-and-more"));
	memset(&plan, 0, sizeof(plan));
	arch_cpu_features(add_need, &plan);
	ck_assert_uint_ne(plan.cpu[CPU_1_ECX], 0);
}
END_TEST

START_TEST(levels_have)
{
	int v2 = arch_cpu_level("x86-64-v2"), v3 = arch_cpu_level("x86-64-v3");

	ck_assert_int_eq(arch_cpu_level("baseline"), 1);
	ck_assert_int_eq(arch_cpu_level("x86-64-v5"), 0);
	ck_assert(!arch_cpu_level_has(1, "sse3"));
	ck_assert(arch_cpu_level_has(v2, "sse4.2") && !arch_cpu_level_has(v2, "avx"));
	ck_assert(arch_cpu_level_has(v3, "avx2") && !arch_cpu_level_has(v3, "avx512f"));
	ck_assert(!arch_cpu_level_has(v3, "aes") && !arch_cpu_level_has(v3, ARCH_CPU_NARROW));
}
END_TEST

static void keep_variable(void *text, const char *name, const char *value)
{
	strcat(text, name);
	strcat(text, "=");
	strcat(text, value);
	strcat(text, "\n");
}

START_TEST(levels_are_told)
{
	char text[2048] = "";

	arch_cpu_level_variables(arch_cpu_level("x86-64-v3"), keep_variable, text);
	ck_assert_ptr_nonnull(strstr(text, "-AVX512F,"));
	ck_assert_ptr_null(strstr(text, "-AVX2"));
	ck_assert_ptr_nonnull(strstr(text, "XSAVEC_Usable\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nLD_BIND_NOW=1\n"));
	/* pclmul, aes, rdrand, XOP; not avx. */
	ck_assert_ptr_nonnull(strstr(text, "OPENSSL_ia32cap=~0x4200080200000000:~0x"));
	text[0] = 0;
	arch_cpu_level_variables(1, keep_variable, text);
	ck_assert_ptr_nonnull(strstr(text, "-AVX2,"));
	ck_assert_ptr_nonnull(strstr(text, "XSAVEC_Usable\n")); /* the last: nothing is cut */
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, asks_what_is_needed_alone);
	tcase_add_test(tests, names_what_is_missing);
	tcase_add_test(tests, names_each);
	tcase_add_test(tests, names_what_the_kernel_does_not_keep);
	tcase_add_test(tests, names_registers_in_use);
	tcase_add_test(tests, no_room_for_more_registers);
	tcase_add_test(tests, variable_overrides);
	tcase_add_test(tests, names_are_words);
	tcase_add_test(tests, levels_have);
	tcase_add_test(tests, levels_are_told);
}

int main(void)
{
	return unit_run("cpu", add_tests);
}
