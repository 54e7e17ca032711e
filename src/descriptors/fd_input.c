/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard input, which a start inherits: the offset in a regular file, and bytes that nobody has
 * read yet.
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

/* A socket's count is that of its next message, if it has messages. */
static void warn_of_unread(struct descriptors *all, const struct descriptor *input)
{
	int unread = 0;

	if (!ioctl(input->fd, FIONREAD, &unread) && unread > 0)
		report_warning(all->process->report, DESCRIPTOR,
			       "%d bytes in the %s on standard input are not in the dump", unread,
			       S_ISFIFO(input->status.st_mode) ? "pipe" : "socket");
}

void descriptors_add_input(struct descriptors *all)
{
	const struct descriptor *input = descriptors_find(all, 0);

	if (!input || all->process->handoff.standard_input != UNEXEC_STDIN_OFFSET)
		return;
	if (S_ISREG(input->status.st_mode))
		add_offset(all, input);
	if (S_ISFIFO(input->status.st_mode) || S_ISSOCK(input->status.st_mode))
		warn_of_unread(all, input);
}
