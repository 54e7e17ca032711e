/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps from a source's capture to an image that can be laid out. A new step is a line here.
 */
#include "analysis/analysis.h"

#include "analysis/trampoline.h"

/* The vDSO proxy comes first: it must be near the old vDSO. The trampoline builds the frames of
 * threads that have none; most other steps read frames. Redirecting comes last, since it needs
 * all regions and frames, and changes code. */
void analysis_run(struct capture *capture, const struct analysis *analysis,
		  struct report *report)
{
	analysis_make_vdso_proxy(capture, analysis->vdso, analysis->slots, report);
	if (analysis->place)
		analysis->place(capture);
	if (analysis->states)
		trampoline_build(capture, analysis->states, report);
	libc_add_startup_values(capture, analysis->startup_values, report);
	libc_fixup_lock_code(capture);
	analysis_settle_registers(capture, report);
	if (analysis->exit_list)
		libc_trim_exit_list(capture, analysis->exit_list, report);
	analysis_redirect_calls(capture, report);
}
