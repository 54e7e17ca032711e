/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal of an interactive program. A program that edits its own lines has switched the
 * terminal to pass each key and to echo none, and expects the same of the terminal in which the
 * dump runs.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h> /* which <termios.h> contradicts */
#include <sys/ioctl.h>

#include "descriptors/descriptors.h"

/* Does the terminal have the usual modes? Only programs change these. */
static bool has_default_modes(const struct termios2 *modes)
{
	return (modes->c_lflag & ICANON) && (modes->c_lflag & ECHO);
}

void descriptors_add_terminal(struct descriptors *all)
{
	for (size_t i = 0; i < all->count && all->list[i].number <= 2; i++) {
		struct plan_file plan = descriptor_plan(&all->list[i], PLAN_FD_TERMINAL);
		struct termios2 modes;

		if (ioctl(all->list[i].fd, TCGETS2, &modes))
			continue;
		plan.length = has_default_modes(&modes) ? 0 : sizeof(modes);
		image_add_file(all->process->capture.image, &plan, NULL, &modes);
		return; /* all three are the same terminal, or the others are not the
			 * program's */
	}
}
