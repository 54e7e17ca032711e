/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the kernel's words for PR_SET_SPECULATION_CTRL mean. (Not all machines let a process choose.)
 */
#include "process/kernel_state.h"
#include "unit.h"

START_TEST(speculation)
{
	static const struct {
		const char *store_bypass, *indirect_branch;
		uint32_t expected;
	} cases[] = {
		{ "", "", 0 },
		{ "thread vulnerable\n", "conditional enabled\n", 0 },
		{ "vulnerable\n", "always enabled\n", 0 },
		{ "globally mitigated\n", "always disabled\n", 0 },
		{ "not vulnerable\n", "not affected\n", 0 },
		{ "thread mitigated\n", "conditional enabled\n", PLAN_STORE_BYPASS },
		{ "thread force mitigated\n", "conditional disabled\n",
		  PLAN_STORE_BYPASS_FORCE | PLAN_INDIRECT_BRANCH },
		{ "thread vulnerable\n", "conditional force disabled\n",
		  PLAN_INDIRECT_BRANCH_FORCE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_uint_eq(process_speculation(cases[i].store_bypass,
						      cases[i].indirect_branch),
				  cases[i].expected);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, speculation);
}

int main(void)
{
	return unit_run("protection", add_tests);
}
