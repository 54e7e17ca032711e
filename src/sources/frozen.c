/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A frozen copy of a process as a source of captures. The library in the process has made the
 * copy, and passes the facts that only the process itself can query.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "arch_machine.h"
#include "base/io.h"
#include "base/xalloc.h"
#include "sources/frozen.h"
#include "sources/process_capture.h"

int frozen_read_handoff(int mem, uint64_t address, struct handoff *ret_handoff,
			 struct report *report)
{
	struct handoff handoff;

	if (io_read_memory(mem, &handoff, sizeof(handoff), address)) {
		report_errno(report, READ, "cannot read the copy of the process");
		return -1;
	}
	if (handoff.magic != HANDOFF_MAGIC || handoff.version != HANDOFF_VERSION
	    || handoff.size != sizeof(handoff)) {
		report_error(report, VERSION,
			     "the program has another version of libunexec than unexec (%s)",
			     UNEXEC_VERSION);
		return -1;
	}
	*ret_handoff = handoff;
	return 0;
}

/* Reads an array from the process's memory. */
static void *read_list(struct process *process, uint64_t address, size_t size)
{
	void *list = xcalloc(1, size + 1);

	if (size && process->capture.read(&process->capture, address, list, size))
		report_errno(process->report, READ, "cannot read the copy of the process");
	return list;
}

/* Reads the linked list of policies. */
static void read_policies(struct process *process)
{
	uint64_t address = process->handoff.policies;
	size_t room = 0;

	while (address) {
		struct handoff_policy *policy;

		xgrow(process->policies, process->policy_count, room);
		policy = &process->policies[process->policy_count];
		if (process->capture.read(&process->capture, address, policy,
					  sizeof(*policy))) {
			report_errno(process->report, READ, "cannot read the policies");
			return;
		}
		address = policy->next;
		process->policy_count++;
	}
}

/* Reads the excluded ranges of shared memory, and the existing pages. */
static void read_ranges(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct handoff_excluded excluded = { .next = handoff->excluded };
	size_t room = 0;

	while (excluded.next) {
		if (process->capture.read(&process->capture, excluded.next, &excluded,
					  sizeof(excluded))) {
			report_errno(process->report, READ, "cannot read the excluded ranges");
			return;
		}
		xgrow(process->excluded, process->excluded_count, room);
		process->excluded[process->excluded_count++] = (struct range){
			excluded.start, excluded.end
		};
	}
	process->resident_known = handoff->resident_count != HANDOFF_ALL_RESIDENT;
	if (!process->resident_known)
		return;
	process->resident_count = handoff->resident_count;
	process->resident = read_list(process, handoff->resident, handoff->resident_count
				      * sizeof(*process->resident));
}

struct capture *frozen_capture(const struct handoff *handoff, const char *dump,
			       struct report *report)
{
	const struct startup_values known = { handoff->environment, handoff->name,
					handoff->short_name, handoff->brk_memory,
					handoff->first_stack };
	struct analysis analysis = { .vdso = handoff->vdso, .slots = handoff->slots,
				     .startup_values = &known,
				     .choices = { handoff->environment_policy, true,
						  handoff->argv0 == UNEXEC_ARGV0_KEEP } };
	struct exit_list exit_list = { .mark = handoff->exit_mark,
				       .function = handoff->exit_function };
	struct process *process;
	struct capture *capture;

	report->stage = UNEXEC_STAGE_CAPTURE;
	process = process_new(handoff, report);
	process->dump = dump;
	capture = &process->capture;
	if (handoff->machine != ARCH_MACHINE) {
		report_error(report, MACHINE, "the process has another architecture than " ARCH_NAME);
		return capture;
	}
	process->threads = read_list(process, handoff->threads,
				     handoff->thread_count * sizeof(*process->threads));
	process->timers = read_list(process, handoff->timers,
				    handoff->timer_count * sizeof(*process->timers));
	process->inherited.descriptor_count = handoff->inherited_count;
	process->inherited.descriptors = read_list(process, handoff->inherited,
						   handoff->inherited_count
						   * sizeof(struct handoff_inherited));
	process->queued = read_list(process, handoff->queued,
				    handoff->queued_count * sizeof(*process->queued));
	read_policies(process);
	read_ranges(process);
	process_capture_all(process);
	analysis.place = process_place_objects;
	if (handoff->reset_as_exec && handoff->dumper < handoff->thread_count) {
		exit_list.thread_pointer = process->threads[handoff->dumper].thread_pointer;
		analysis.exit_list = &exit_list;
	}
	analysis_run(capture, &analysis, report);
	return capture;
}
