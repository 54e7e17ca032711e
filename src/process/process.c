/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A held or frozen process as a source of captures: reads its memory, makes and frees the source.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/xalloc.h"
#include "process/proc_files.h"
#include "process/process.h"

bool process_is_readable(const struct process *process)
{
	return process->handoff.dumpable == 1 || process->pidfd >= 0 || geteuid() == 0;
}

char *process_read_string(int mem, uint64_t address)
{
	char *string = NULL;

	for (size_t length = 0; length < 65536; length++) {
		string = xrealloc(string, length + 1);
		if (io_read_memory(mem, string + length, 1, address + length))
			break;
		if (!string[length])
			return string;
	}
	free(string);
	return NULL;
}

/* May the page be unreadable? Yes for a file that has become shorter than its mapping: the
 * program would get SIGBUS, and the dump has zeros. */
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
	if (!io_read_memory(process->handoff.fds.mem, buffer, length, address))
		return 0;
	if (errno != EIO) {
		capture->failed = errno;
		return -1;
	}
	while (length) {
		uint64_t step = page - address % page;

		if (step > length)
			step = length;
		if (io_read_memory(process->handoff.fds.mem, buffer, step, address)) {
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

/* Closes descriptors that the pid source has opened; the library's are closed when the writer
 * ends. */
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
	free(process->queued);
	free(process->policies);
	inherited_free(&process->inherited);
	free(process->not_dumped);
	if (process->pidfd >= 0)
		close_all(process);
	free(process);
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
	image->reset_as_exec = handoff->reset_as_exec;
	free(image->program);
	image->program = program ? program : xstrdup("");
	image->boot = handoff->boot;
	image->stack_limit = handoff->stack_limit;
	return process;
}
