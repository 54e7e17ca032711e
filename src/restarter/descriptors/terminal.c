/* SPDX-License-Identifier: MIT
 *
 * The settings of a terminal.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>

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
