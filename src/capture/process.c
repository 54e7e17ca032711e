/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process that lies still as a source of images: the order of things, and reading memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch_tool.h"
#include "image/xalloc.h"
#include "capture/process.h"
#include "capture/tid_code.h"

FILE *process_open(int directory, const char *name)
{
	int descriptor = openat(directory, name, O_RDONLY | O_CLOEXEC);

	return descriptor < 0 ? NULL : fdopen(descriptor, "r");
}

bool process_is_readable(const struct process *process)
{
	return process->handoff.dumpable == 1 || process->pidfd >= 0 || geteuid() == 0;
}

char *process_readlink(int directory, const char *name)
{
	char buffer[4097];
	ssize_t length = readlinkat(directory, name, buffer, sizeof(buffer) - 1);

	if (length < 0)
		return NULL;
	buffer[length] = 0;
	return xstrdup(buffer);
}

/* Reads exactly `length` bytes; -1 with errno. */
static int read_memory(int mem, uint64_t address, void *buffer, size_t length)
{
	while (length) {
		ssize_t got = pread(mem, buffer, length, (off_t)address);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = ESRCH; /* the copy is gone */
		if (got <= 0)
			return -1;
		buffer = (char *)buffer + got;
		address += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

char *process_read_string(int mem, uint64_t address)
{
	char *string = NULL;

	for (size_t length = 0; length < 65536; length++) {
		string = xrealloc(string, length + 1);
		if (read_memory(mem, address + length, string + length, 1))
			break;
		if (!string[length])
			return string;
	}
	free(string);
	return NULL;
}

int process_read_handoff(int mem, uint64_t address, struct handoff *ret_handoff,
			 struct report *report)
{
	struct handoff handoff;

	if (read_memory(mem, address, &handoff, sizeof(handoff))) {
		report_errno(report, READ, "cannot read the copy of the process");
		return -1;
	}
	if (handoff.magic != HANDOFF_MAGIC || handoff.version != HANDOFF_VERSION
	    || handoff.size != sizeof(handoff)) {
		report_error(report, VERSION,
			     "the library in the program is not of this version of unexec (%s)",
			     UNEXEC_VERSION);
		return -1;
	}
	*ret_handoff = handoff;
	return 0;
}

/* Whether it is no error that a page cannot be read: of a file that has become shorter than
 * its mapping (to the program it is SIGBUS; in the dump it is zero). */
static bool may_be_absent(const struct image *image, uint64_t address)
{
	const struct region *region = image_find(image, address);

	return region && region->name[0] == '/';
}

static int process_read(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	struct process *process = (struct process *)capture;
	uint64_t page = capture->image->page_size;
	int shared = objects_read(process, address, buffer, length);

	if (shared)
		return shared > 0 ? 0 : -1;
	if (!read_memory(process->handoff.fds.mem, address, buffer, length))
		return 0;
	if (errno != EIO) {
		capture->failed = errno;
		return -1;
	}
	while (length) {
		uint64_t step = page - address % page;

		if (step > length)
			step = length;
		if (read_memory(process->handoff.fds.mem, address, buffer, step)) {
			if (errno != EIO)
				capture->failed = errno;
			if (errno != EIO || !may_be_absent(capture->image, address))
				return -1;
			memset(buffer, 0, step);
		}
		buffer = (char *)buffer + step;
		address += step;
		length -= step;
	}
	return 0;
}

/* The library's are closed when the writer ends. */
static void close_all(const struct process *process)
{
	const struct handoff_fds *fds = &process->handoff.fds;

	close(process->pidfd);
	close(fds->mem);
	close(fds->pagemap);
	close(fds->smaps);
	close(fds->proc);
}

static void process_free(struct capture *capture)
{
	struct process *process = (struct process *)capture;

	objects_free(process);
	free(process->excluded);
	free(process->resident);
	image_free(capture->image);
	free(process->threads);
	free(process->timers);
	free(process->policies);
	free(process->not_dumped);
	if (process->pidfd >= 0)
		close_all(process);
	free(process);
}

static void add_need(void *image, const char *name)
{
	image_add_need(image, name);
}

unsigned process_task_flags(int directory, const char *name)
{
	FILE *stream = process_open(directory, name);
	char line[512] = "";
	const char *rest;
	unsigned flags;

	if (stream) {
		line[fread(line, 1, sizeof(line) - 1, stream)] = 0;
		fclose(stream);
	}
	rest = strrchr(line, ')'); /* behind the name, which may have any characters */
	if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return PF_EXITING;
	return flags;
}

/* Whether the process's first thread is exiting, or gone. */
static bool is_exiting(const struct process *process)
{
	return process_task_flags(process->handoff.fds.original, "stat") & PF_EXITING;
}

/* /proc tells of a process that was killed that it has nothing, and calls it no error; first of
 * all no memory: as long as there is some, what has been told was so. */
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

void process_capture_all(struct process *process)
{
	process_capture_state(process);
	if (!process->handoff.vdso)
		process->handoff.vdso = capture_auxv(&process->capture, AT_SYSINFO_EHDR);
	if (!process->handoff.afresh)
		process_capture_timers(process);
	process_capture_descriptors(process);
	process_capture_regions(process);
	objects_copy(process);
	process_restore_origins(process);
	process_keep_shadows(process);
	process_say_policies(process);
	process_remove_breakpoints(process);
	tid_code_complete(&process->capture, process->report);
	check_alive(process);
	arch_cpu_features(add_need, process->capture.image);
	arch_registers_here(&process->capture.image->registers);
	process->capture.image->registers.permitted = process->handoff.permitted;
}

struct process *process_new(const struct handoff *handoff, struct report *report)
{
	struct process *process = xcalloc(1, sizeof(*process));
	struct image *image = image_new();
	char *program = process_readlink(handoff->fds.proc, "exe");

	process->capture = (struct capture){ .image = image, .read = process_read,
					     .free = process_free };
	process->report = report;
	process->handoff = *handoff;
	process->pidfd = -1;
	image->machine = handoff->machine;
	image->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	image->generation = handoff->generation;
	image->afresh = handoff->afresh;
	free(image->program);
	image->program = program ? program : xstrdup("");
	image->boot = handoff->boot;
	image->stack_limit = handoff->stack_limit;
	return process;
}

/* A list in the process's memory. */
static void *read_list(struct process *process, uint64_t address, size_t size)
{
	void *list = xcalloc(1, size + 1);

	if (size && process->capture.read(&process->capture, address, list, size))
		report_errno(process->report, READ, "cannot read the copy of the process");
	return list;
}

/* A linked list there. */
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

static void forget_functions(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct forget forget = { .mark = handoff->exit_mark, .function = handoff->exit_function };

	if (!handoff->afresh || handoff->dumper >= handoff->thread_count)
		return;
	forget.fs_base = process->threads[handoff->dumper].fs_base;
	capture_forget_functions(&process->capture, &forget, process->report);
}

/* What is to be left out of shared memory, and what there is in it. */
static void read_ranges(struct process *process)
{
	const struct handoff *handoff = &process->handoff;
	struct handoff_excluded excluded = { .next = handoff->excluded };
	size_t room = 0;

	while (excluded.next) {
		if (process->capture.read(&process->capture, excluded.next, &excluded,
					  sizeof(excluded))) {
			report_errno(process->report, READ, "cannot read what is excluded");
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

struct capture *process_capture(const struct handoff *handoff, struct report *report)
{
	const struct renewals known = { handoff->environment, handoff->name,
					handoff->short_name, handoff->brk_memory,
					handoff->first_stack };
	struct process *process;
	struct capture *capture;

	report->stage = UNEXEC_STAGE_CAPTURE;
	process = process_new(handoff, report);
	capture = &process->capture;
	if (handoff->machine != ARCH_MACHINE) {
		report_error(report, MACHINE, "the process is not of this machine, " ARCH_NAME);
		return capture;
	}
	process->threads = read_list(process, handoff->threads,
				     handoff->thread_count * sizeof(*process->threads));
	process->timers = read_list(process, handoff->timers,
				    handoff->timer_count * sizeof(*process->timers));
	read_policies(process);
	read_ranges(process);
	process_capture_all(process);
	capture_build_vdso_proxy(capture, handoff->vdso, handoff->slots, report);
	objects_place(process);
	capture_add_renewals(capture, &known, report);
	capture_settle_tids(capture, report);
	capture_fixup_lock_code(capture);
	capture_settle_registers(capture, report);
	forget_functions(process);
	capture_redirect_calls(capture, report);
	return capture;
}
