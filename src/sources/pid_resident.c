/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls mincore() in a held process, to find the pages of shared memory that the page cache
 * has. process/objects_copy.c explains their use. The library does the same in the frozen copy
 * (lib/shared_memory.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/proc_files.h"
#include "sources/pid_resident.h"
#include "base/xalloc.h"

struct asking {
	struct tracee *tracee;
	struct process *process;
	size_t room;
};

static void note_resident_range(struct asking *asking, uint64_t start, uint64_t end)
{
	struct process *process = asking->process;

	if (process->resident_count
	    && process->resident[process->resident_count - 1].end == start) {
		process->resident[process->resident_count - 1].end = end;
		return;
	}
	xgrow(process->resident, process->resident_count, asking->room);
	process->resident[process->resident_count++] = (struct range){ start, end };
}

/* If mincore() fails, all pages may exist. */
static void ask_residency(struct asking *asking, struct range range)
{
	uint32_t page = asking->process->capture.image->page_size;
	unsigned char pages[TRACEE_SCRATCH_SIZE];
	struct tracee *tracee = asking->tracee;

	for (uint64_t at = range.start, step; at < range.end; at += step) {
		step = range.end - at;
		if (step > (uint64_t)sizeof(pages) * page)
			step = (uint64_t)sizeof(pages) * page;
		if (tracee_do(tracee, 0, SYS_mincore, at, step, tracee->scratch)
		    || tracee_read(tracee, tracee->scratch, pages, step / page)) {
			note_resident_range(asking, at, at + step);
			continue;
		}
		for (uint64_t i = 0; i < step / page; i++)
			if (pages[i] & 1)
				note_resident_range(asking, at + i * page, at + (i + 1) * page);
	}
}

/* Does the kernel give us a descriptor of the mapping? */
static bool has_map_link(const struct process *process, struct range range)
{
	char name[64];
	int link;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, range.start, range.end);
	link = openat(process->handoff.fds.proc, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (link >= 0)
		close(link);
	return link >= 0;
}

/* Is it a line of /proc/PID/maps about shared memory that is no file? */
static bool is_shared_memory_line(const char *line, struct range *ret)
{
	char shared, slash[2] = "";

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*3c%c %*x %*x:%*x %*u %1s", &ret->start,
		   &ret->end, &shared, slash) < 3 || shared != 's')
		return false;
	return slash[0] != '/' || strstr(line, " (deleted)\n");
}

void pid_ask_resident(struct tracee *tracee, struct process *process)
{
	struct asking asking = { tracee, process, 0 };
	FILE *stream = process_open(process->handoff.fds.proc, "maps");
	struct range range;
	char *line = NULL;
	size_t room = 0;

	while (stream && getline(&line, &room, stream) > 0)
		if (is_shared_memory_line(line, &range) && !has_map_link(process, range))
			ask_residency(&asking, range);
	if (!stream || !feof(stream) || ferror(stream))
		report_errno(process->report, NO_PROC, "cannot read maps in /proc");
	else
		process->resident_known = true;
	free(line);
	if (stream)
		fclose(stream);
}
