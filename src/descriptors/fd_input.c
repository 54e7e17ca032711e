/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard input, output and error, which a start inherits: the offset of the input in a regular
 * file, and bytes in pipes that nobody has read yet.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "descriptors/descriptors.h"

static void add_offset(struct descriptors *all, const struct descriptor *input)
{
	struct plan_file plan = descriptor_plan(input, PLAN_FD_INPUT);
	const struct stat *status = &input->status;
	off_t offset = lseek(input->fd, 0, SEEK_CUR);

	if (input->flags & O_PATH || (input->flags & O_ACCMODE) == O_WRONLY || offset < 0)
		return;
	plan.offset = (uint64_t)offset - all->process->handoff.read_ahead;
	plan.input.device = (uint64_t)major(status->st_dev) << 32 | minor(status->st_dev);
	plan.input.inode = status->st_ino;
	plan.input.size = (uint64_t)status->st_size;
	plan.input.time = (uint64_t)status->st_mtim.tv_sec * 1000000000
			  + (uint64_t)status->st_mtim.tv_nsec;
	image_add_file(all->process->capture.image, &plan, input->target, NULL);
	report_note(all->process->report, DESCRIPTOR,
		    "standard input is %s: a start with this file continues at offset %llu",
		    input->target, (unsigned long long)plan.offset);
}

/* If the policy is to inherit it, a new start has nothing to do with the old input. */
static enum unexec_severity severity_of(const struct descriptors *all, int number)
{
	return number == 0 && all->process->handoff.standard_input == UNEXEC_STDIN_OFFSET
		       ? UNEXEC_WARNING : UNEXEC_NOTE;
}

/* A socket's count is that of its next message, if it has messages. */
static void name_unread(struct descriptors *all, const struct descriptor *standard)
{
	static const char *const names[] = { "input", "output", "error" };
	bool is_pipe = S_ISFIFO(standard->status.st_mode);
	int unread = 0;

	/* Standard output is written to: bytes that a socket there has received are left alone. */
	if ((!is_pipe && (!S_ISSOCK(standard->status.st_mode) || standard->number))
	    || ioctl(standard->fd, FIONREAD, &unread) || unread <= 0)
		return;
	report_add(all->process->report, severity_of(all, standard->number),
		   UNEXEC_CODE_DESCRIPTOR, 0, 0, 0,
		   "%d bytes in the %s on standard %s are not in the dump", unread,
		   is_pipe ? "pipe" : "socket", names[standard->number]);
}

static void name_read_ahead(struct descriptors *all)
{
	unsigned long long read_ahead = all->process->handoff.read_ahead;

	if (read_ahead)
		report_add(all->process->report, severity_of(all, 0), UNEXEC_CODE_DESCRIPTOR, 0,
			   0, 0, "%llu bytes that stdin had read ahead are not in the dump",
			   read_ahead);
}

static void name_file(struct descriptors *all, const struct descriptor *input)
{
	report_note(all->process->report, DESCRIPTOR,
		    "standard input is %s, at offset %lld: a start reads its own from where its "
		    "starter has put it", input->target,
		    (long long)lseek(input->fd, 0, SEEK_CUR));
}

/* Standard output and error are often one pipe. */
static bool is_earlier(const struct descriptors *all, const struct descriptor *standard)
{
	for (const struct descriptor *i = all->list; i < standard; i++)
		if (i->status.st_ino == standard->status.st_ino
		    && i->status.st_dev == standard->status.st_dev)
			return true;
	return false;
}

void descriptors_add_input(struct descriptors *all)
{
	bool offset = all->process->handoff.standard_input == UNEXEC_STDIN_OFFSET;

	for (int number = 0; number <= 2; number++) {
		const struct descriptor *standard = descriptors_find(all, number);

		if (!standard)
			continue;
		if (!is_earlier(all, standard))
			name_unread(all, standard);
		if (number)
			continue;
		if (S_ISREG(standard->status.st_mode) && offset)
			add_offset(all, standard);
		else if (S_ISREG(standard->status.st_mode))
			name_file(all, standard);
		else
			name_read_ahead(all);
	}
}
