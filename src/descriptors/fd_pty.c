/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pseudo-terminals with both ends in the process: modes, window size, packet mode. The new one has
 * another name.
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <asm/termbits.h> /* which <termios.h> contradicts */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "descriptors/descriptors.h"

#define SLAVES 136 /* the first major number (Documentation/admin-guide/devices.txt) */

/* The number N of a master's /dev/pts/N. -1: it is no master. */
static int number_of_master(const struct descriptor *descriptor)
{
	unsigned number;

	if (descriptor->flags & O_PATH || ioctl(descriptor->fd, TIOCGPTN, &number))
		return -1;
	return (int)number;
}

static bool is_slave(const struct descriptor *descriptor, int number)
{
	return descriptor->status.st_rdev
	       == makedev(SLAVES + (unsigned)number / 256, (unsigned)number % 256)
	       && S_ISCHR(descriptor->status.st_mode) && !(descriptor->flags & O_PATH);
}

struct descriptor *descriptor_find_master(const struct descriptors *all,
					  const struct descriptor *end)
{
	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *master = &all->list[i];
		int number = S_ISCHR(master->status.st_mode) ? number_of_master(master) : -1;

		if (number >= 0 && master->same == master && !master->absent
		    && (master == end || is_slave(end, number)))
			return master;
	}
	return NULL;
}

static void warn_of_buffer(struct descriptors *all, const struct descriptor *end)
{
	int unread = 0;

	if (!ioctl(end->fd, FIONREAD, &unread) && unread > 0)
		report_warning(all->process->report, DESCRIPTOR,
			       "descriptor %d (%s): %d bytes that were not read are not in the "
			       "dump", end->number, end->target, unread);
}

static void add_slave(struct descriptors *all, const struct descriptor *master,
		      struct descriptor *slave)
{
	struct plan_file plan = descriptor_plan(slave, PLAN_FD_PTY_END);

	plan.other = master->number;
	image_add_file(all->process->capture.image, &plan, NULL, NULL);
	slave->settled = true;
	warn_of_buffer(all, slave);
}

/* Adds the slaves. Returns their number, or -1 if one is standard input, output or error. */
static int add_slaves(struct descriptors *all, const struct descriptor *master)
{
	int number = number_of_master(master), count = 0;

	for (size_t i = 0; i < all->count; i++)
		if (is_slave(&all->list[i], number) && descriptor_is_starters(&all->list[i]))
			return -1;
	for (size_t i = 0; i < all->count; i++) {
		struct descriptor *slave = &all->list[i];

		if (!is_slave(slave, number) || slave->same != slave || slave->absent)
			continue;
		add_slave(all, master, slave);
		count++;
	}
	return count;
}

static bool has_hung_up(const struct descriptor *master)
{
	struct pollfd poll_end = { .fd = master->fd };

	return poll(&poll_end, 1, 0) == 1 && poll_end.revents & POLLHUP;
}

const char *descriptor_add_pty(struct descriptors *all, struct descriptor *descriptor)
{
	struct descriptor *master = descriptor_find_master(all, descriptor);
	struct plan_file plan = descriptor_plan(master, PLAN_FD_PTY);
	struct termios2 modes;
	int count, packet = 0;

	if (ioctl(master->fd, TCGETS2, &modes)
	    || ioctl(master->fd, TIOCGWINSZ, &plan.pty.size)
	    || ioctl(master->fd, TIOCGPKT, &packet))
		return "a pseudo-terminal whose modes cannot be read";
	count = add_slaves(all, master);
	if (count < 0)
		return "a pseudo-terminal whose other end is standard input, output or error";
	if (!count && !has_hung_up(master))
		return "a pseudo-terminal with its other end outside the process";
	plan.pty.packet = packet != 0;
	plan.pty.hung_up = !count;
	plan.length = sizeof(modes);
	image_add_file(all->process->capture.image, &plan, NULL, &modes);
	master->settled = true;
	warn_of_buffer(all, master);
	report_note(all->process->report, DESCRIPTOR, "descriptor %d (%s): the name of this "
		    "pseudo-terminal, /dev/pts/%d, is another in the dump", master->number,
		    master->target, number_of_master(master));
	return NULL;
}
