/* SPDX-License-Identifier: MIT
 *
 * The settings of a terminal.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/fcntl.h>

#include "descriptors.h"

/* Does nothing to a terminal that another process group uses now. */
void restore_terminal(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	struct termios2 now;
	int32_t group = 0;

	if (sys(__NR_ioctl, file->number, TCGETS2, &now)
	    || sys(__NR_ioctl, file->number, TIOCGPGRP, &group)
	    || group != sys(__NR_getpgid, 0))
		return;
	/* SIGTTOU is blocked. */
	if (file->length)
		sys(__NR_ioctl, file->number, TCSETS2, plan_string(step->plan, file->data));
	/* The window is another one. A program that handles its size also redraws it then. */
	sys(__NR_kill, sys(__NR_getpid), 28 /* SIGWINCH */);
}

static long open_pty_end(int32_t master, uint32_t flags)
{
	return sys(__NR_ioctl, master, TIOCGPTPEER, flags | O_NOCTTY);
}

void restore_pty(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int32_t unlocked = 0, packet = (int32_t)file->pty.packet;

	fd_settle(step, sys(__NR_openat, AT_FDCWD, "/dev/ptmx", file->flags | O_NOCTTY, 0));
	fd_must(step, "unlock", sys(__NR_ioctl, file->number, TIOCSPTLCK, &unlocked));
	fd_must(step, "set the modes of",
		sys(__NR_ioctl, file->number, TCSETS2, fd_data(step)));
	fd_must(step, "set the window size of",
		sys(__NR_ioctl, file->number, TIOCSWINSZ, &file->pty.size));
	fd_must(step, "set the packet mode of",
		sys(__NR_ioctl, file->number, TIOCPKT, &packet));
	if (file->pty.hung_up) /* an end that was opened and closed */
		sys(__NR_close, fd_must(step, "open the other end of",
					open_pty_end(file->number, O_RDWR | O_CLOEXEC)));
}

void restore_pty_end(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_settle(step, open_pty_end(file->other, file->flags));
}
