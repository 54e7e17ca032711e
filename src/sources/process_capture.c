/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps that a frozen copy and a process held by ptrace have in common.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "arch_cpu.h"
#include "arch_vectors.h"
#include "base/task.h"
#include "base/xalloc.h"
#include "capture/auxv.h"
#include "descriptors/descriptors.h"
#include "process/kernel_state.h"
#include "process/regions.h"
#include "libc/libc.h"
#include "sources/process_capture.h"

/* Is the process's first thread exiting, or gone? */
static bool is_exiting(const struct process *process)
{
	return task_flags(process->handoff.fds.original, "stat") & PF_EXITING;
}

/* The files in /proc of a killed process are empty, without an error. Memory disappears first:
 * while some is left, what was read before is valid. */
static void check_alive(struct process *process)
{
	const struct handoff_fds *fds = &process->handoff.fds;
	char line;
	uint64_t word;

	if (process->report->status)
		return;
	if (is_exiting(process) || pread(fds->smaps, &line, sizeof(line), 0) != sizeof(line)
	    || pread(fds->pagemap, &word, sizeof(word), 0) != sizeof(word))
		report_error(process->report, READ, "the process has ended");
}

/* The library dumps one of its own threads, so all threads must be recognised. */
static void find_threads(struct process *process)
{
	bool by_library = process->handoff.dumper != HANDOFF_NO_DUMPER;

	libc_find_threads(&process->capture,
			  &(struct libc_thread_search){
				  .from_kernel = true,
				  .missing = by_library ? UNEXEC_ERROR : UNEXEC_WARNING,
				  .code = UNEXEC_CODE_MAPPING },
			  process->report);
}

void process_capture_all(struct process *process)
{
	process_capture_state(process);
	process_capture_queued(process);
	process_capture_settings(process);
	process_capture_directory(process);
	process_capture_umask(process);
	process_capture_protection(process);
	process_check_apart(process);
	process_warn_sysv(process);
	process_check_children(process);
	process_capture_rights(process);
	if (!process->handoff.vdso)
		process->handoff.vdso = capture_auxv(&process->capture, AT_SYSINFO_EHDR);
	descriptors_capture(process);
	process_capture_regions(process);
	objects_copy(process);
	process_restore_origins(process);
	process_keep_shadows(process);
	process_warn_policies(process);
	process_remove_breakpoints(process);
	find_threads(process);
	/* Timers can signal a single thread, by its TID word. */
	if (!process->handoff.reset_as_exec)
		process_capture_timers(process);
	check_alive(process);
	arch_cpu_features(image_add_need_to, process->capture.image);
	arch_vectors_here(&process->capture.image->registers);
	process->capture.image->registers.permitted = process->handoff.permitted;
}

void process_place_objects(struct capture *capture)
{
	objects_place((struct process *)capture);
}
