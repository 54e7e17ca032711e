/* SPDX-License-Identifier: MIT
 *
 * Checks that this CPU has the instructions that the dump's code was chosen for, before
 * anything is changed.
 */
#include "arch_cpu.h"
#include "restarter.h"

static void append_to_line(void *line, const char *text)
{
	append(line, text);
}

void cpu_check(const struct plan *plan, const struct block *block)
{
	uint32_t lacks[PLAN_CPU_WORDS];
	const char *wanted;
	struct line line;

	if (arch_cpu_fits(plan->cpu, lacks))
		return;
	wanted = block_variable(block, "UNEXEC_CPU");
	if (wanted && string_equal(wanted, "any"))
		return;
	begin_line(&line, "error");
	append(&line, "this CPU ");
	arch_cpu_name_missing(plan->cpu, lacks, append_to_line, &line);
	append(&line, "; UNEXEC_CPU=any starts it anyway");
	fail_line(&line);
}
