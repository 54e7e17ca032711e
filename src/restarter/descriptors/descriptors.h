/* SPDX-License-Identifier: MIT
 *
 * Descriptors. Each struct plan_file is one step of restoring them. A new kind of step is a
 * line of shared/descriptor_kinds.h and a function in the file of its subject.
 */
#ifndef RESTARTER_DESCRIPTORS_DESCRIPTORS_H
#define RESTARTER_DESCRIPTORS_DESCRIPTORS_H

#include "restarter/base.h"

/* ---- descriptors.c ------------------------------------------------------------------------ */

/* Restores the objects of shared memory, along with memory. */
void descriptors_restore_objects(const struct plan *plan);

/* Restores all other descriptors, and unmaps the staged content of the objects. */
void descriptors_restore(const struct plan *plan);

/* ---- The functions of the kinds ----------------------------------------------------------- */

/* AF_UNIX, which the kernel's headers for programs do not have. */
#define SOCKET_UNIX 1

struct fd_step {
	const struct plan *plan;
	const struct plan_file *file;
	long object; /* for shared memory and deleted files: the object's descriptor */
};

/* One function for each kind: the column RESTORE of shared/descriptor_kinds.h. Some do two
 * kinds. */
#define FD_DECLARE(name, keyword, phase, shown, capture, restore, ...) \
	void restore(struct fd_step *step);
DESCRIPTOR_KINDS(FD_DECLARE)
#undef FD_DECLARE

/* ---- step.c: the parts that several kinds share ------------------------------------------- */

/* Ends the start with "unexec: cannot WHAT NAME: reason"; NAME is the step's path or number. */
void fd_give_up(const struct fd_step *step, const char *what, long error)
	__attribute__((noreturn));

/* Returns `result`, or gives up if it is -errno. */
long fd_must(const struct fd_step *step, const char *what, long result);

#define FD_LINK 48

/* Stores "descriptor 12". */
void fd_name_number(char text[32], int32_t number);

/* Stores the path of the link in /proc that leads to the descriptor's file. */
void fd_link(char path[FD_LINK], int32_t number);

/* Warns that the address of the step is not available, so that its descriptor has another
 * port. */
void fd_warn_of_port(const struct fd_step *step);

const char *fd_data(const struct fd_step *step);

/* Is this EBADF because the starter has closed the descriptor, which is left to it? */
int fd_is_closed(long result, int32_t number);

/* Moves a descriptor to its number and closes the file that the starter left open there. */
void fd_place(const struct fd_step *step, long descriptor, int32_t number, uint32_t flags);

/* Opens the file of a descriptor again. Returns a descriptor or -errno. */
long fd_open_again(int32_t number, uint32_t flags);

/* Sets the flags that fcntl(F_SETFL) can set. */
void fd_set_flags(const struct fd_step *step, int32_t number, uint32_t flags);

/* Sets the file position. */
void fd_set_offset(const struct fd_step *step, int32_t number);

/* Gives a new descriptor its number and flags. The call that made it has set O_CLOEXEC as the
 * step has it. `descriptor` may be -errno. */
void fd_settle(const struct fd_step *step, long descriptor);

/* The same for two descriptors that were made with O_CLOEXEC. Closes the second if the plan has
 * no number for it. */
void fd_settle_pair(const struct fd_step *step, int first, int second);

#endif
