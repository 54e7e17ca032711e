/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a process has been started with: open descriptors, and children that it had before it
 * executed its program. These are its starter's: a dump has the descriptors that its own starter
 * leaves open.
 */
#ifndef PROCESS_INHERITED_H
#define PROCESS_INHERITED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "shared/handoff.h"

struct inherited {
	struct handoff_inherited *descriptors;
	size_t descriptor_count;
	struct handoff_child *children;
	size_t child_count;
};

/* Lists what a program will inherit if this process executes it, except standard input, output
 * and error. Kernel objects that cannot be told from each other (eventfd, epoll) are left out. The
 * list is empty without /proc. */
void inherited_list(struct inherited *ret);

/* Closes the descriptors in this process. */
void inherited_close(const struct inherited *inherited);

/* A copy, to be freed. */
struct inherited inherited_copy(const struct inherited *inherited);
void inherited_free(struct inherited *inherited);

/* Is the descriptor still the one that was inherited; is the child? */
bool inherited_has_descriptor(const struct inherited *inherited, int number,
			      const struct stat *status);
bool inherited_has_child(const struct inherited *inherited, pid_t child);

#endif
