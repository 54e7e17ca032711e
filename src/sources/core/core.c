/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A core file as a source of captures: the order of the steps.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch_cpu.h"
#include "arch_frame.h"
#include "arch_machine.h"
#include "analysis/analysis.h"
#include "sources/core/core.h"
#include "base/xalloc.h"
#include "base/names.h"

static void core_free(struct capture *capture)
{
	struct core *core = (struct core *)capture;

	for (size_t i = 0; i < core->file_count; i++) {
		if (core->files[i].fd >= 0)
			close(core->files[i].fd);
		free(core->files[i].path);
	}
	free(core->files);
	free(core->pieces);
	core_notes_free(&core->notes);
	image_free(capture->image);
	if (core->fd >= 0)
		close(core->fd);
	free(core);
}

/* ---- Messages about every core --------------------------------------------------------- */

/* Returns whether an instruction caused the signal. The dump will run into it again. */
static bool is_fault(uint32_t signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE
	       || signal == SIGTRAP || signal == SIGSYS;
}

static void report_crash(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	const char *name = signal_name((int)notes->signal);

	if (!is_fault(notes->signal))
		return;
	report_add(core->report, UNEXEC_NOTE, UNEXEC_CODE_CORE, 0, notes->fault, 0,
		   "the program had crashed (SIG%s, address %#lx): the dump continues at the "
		   "faulting instruction", name, (unsigned long)notes->fault);
}

static void warn_of_lost_state(struct core *core)
{
	report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE, 0, 0, 0,
		   "not in a core, so not in the dump: children, descriptors other than 0, 1 and 2, "
		   "the position in standard input, signal handlers%s, timers, limits, alternate signal stacks, guard regions, which "
		   "memory is shared, memory locks and memory advice, seccomp filters and other "
		   "protections",
		   core->notes.by_debugger ? ", blocked signals" : "");
}

/* ---- The steps ------------------------------------------------------------------------- */

static int read_core(struct core *core, const char *program)
{
	struct core_segment *segments;
	struct stat status;
	size_t count;
	int r;

	if (fstat(core->fd, &status) || !S_ISREG(status.st_mode)) {
		report_error(core->report, FORMAT, "it is not a regular file");
		return -1;
	}
	core->time = status.st_mtime;
	if (core_unpack(&core->fd, core->name, core->report))
		return -1;
	if (fstat(core->fd, &status)) {
		report_errno(core->report, READ, "cannot read the core");
		return -1;
	}
	core->size = (uint64_t)status.st_size;
	if (core_read_headers(core, &segments, &count))
		return -1;
	r = core_make_pieces(core, segments, count);
	free(segments);
	return r || core_open_files(core, program) || core_find_places(core)
	       || core_find_registers(core) ? -1 : 0;
}

static void make_image(struct core *core, const struct core_options *options)
{
	struct capture *capture = &core->capture;
	struct report *report = core->report;
	struct arch_thread_state *states;

	report_crash(core);
	core_add_regions(core);
	core_find_heap(core);
	core_add_threads(core);
	states = core_thread_states(core);
	libc_find_rseq(capture, states, UNEXEC_CODE_CORE, report);
	analysis_run(capture, &(struct analysis){
			     .vdso = core_auxv(&core->notes, AT_SYSINFO_EHDR), .states = states,
			     .choices = { options->environment, false,
					  options->argv0 == UNEXEC_ARGV0_KEEP } },
		     report);
	free(states);
	arch_cpu_features(image_add_need_to, capture->image);
	warn_of_lost_state(core);
}

struct capture *core_capture_file(int fd, const char *name,
				  const struct core_options *options, struct report *report)
{
	struct core *core = xcalloc(1, sizeof(*core));
	struct image *image = image_new();

	core->capture = (struct capture){ .image = image, .read = core_read,
					  .free = core_free };
	core->report = report;
	core->name = name;
	core->fd = fd;
	report->stage = UNEXEC_STAGE_CAPTURE;
	image->machine = ARCH_MACHINE;
	image->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	image->generation = 1;
	image->no_descriptors = true;
	image->process.dumpable = 1;
	if (!read_core(core, options->program))
		make_image(core, options);
	return &core->capture;
}

struct capture *core_capture(const char *name, const struct core_options *options,
			     struct report *report)
{
	/* Without O_NONBLOCK, opening a FIFO that has no writer would block. */
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct capture *capture;

	if (fd >= 0)
		return core_capture_file(fd, name, options, report);
	report_errno(report, READ, "cannot open the core");
	capture = xcalloc(1, sizeof(struct core));
	*capture = (struct capture){ .image = image_new(), .read = core_read,
				     .free = core_free };
	((struct core *)capture)->fd = -1;
	return capture;
}
