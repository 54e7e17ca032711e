/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps from a source's capture to an image that can be laid out. A new step is a line here:
 * in analysis_run() if it needs knowledge of the source, in analysis_finish() if it needs a
 * choice of the user's. The process may continue between the two.
 */
#include <errno.h>

#include "analysis/analysis.h"

#include "analysis/redirect_sites.h"
#include "analysis/trampoline.h"

/* The vDSO proxy comes first: it must be near the old vDSO. The trampoline builds the frames of
 * threads that have none; most other steps read frames. */
void analysis_run(struct capture *capture, const struct analysis *analysis,
		  struct report *report)
{
	analysis_make_vdso_proxy(capture, analysis->vdso, analysis->slots, report);
	if (analysis->place)
		analysis->place(capture);
	if (analysis->states)
		trampoline_build(capture, analysis->states, report);
	libc_add_startup_values(capture, analysis->startup_values, &analysis->choices,
				report);
	libc_fixup_lock_code(capture);
	analysis_settle_registers(capture, report);
	if (analysis->exit_list)
		libc_trim_exit_list(capture, analysis->exit_list, report);
}

/* Redirecting comes last: it needs all frames and the form of all memory, and changes code. */
void analysis_finish(struct capture *capture, const struct analysis_choices *choices,
		     struct report *report)
{
	struct redirect_sites sites = redirect_sites_find(capture);

	analysis_clear_freed_stack(capture);
	if (choices->scrub)
		analysis_scrub(capture, report);
	if (choices->keep_ids)
		analysis_keep_ids(capture->image);
	capture->image->prefault = choices->prefault;
	analysis_choose_memory(capture, choices->memory, &sites, report);
	analysis_redirect_calls(capture, &sites, report);
	redirect_sites_free(&sites);
	image_map_paths(capture->image, choices->maps, choices->map_count, report);
	if (capture->failed) {
		errno = capture->failed;
		report_errno(report, READ, "cannot read the memory of the process");
	}
}
