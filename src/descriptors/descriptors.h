/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures descriptors: adds to an image the entries from which a start makes them again.
 *
 * The writer has inherited each descriptor of the frozen copy at its number, or fetches it with
 * pidfd_getfd or an SCM_RIGHTS message, and examines it. The open files are shared with the
 * running process: nothing here may move an offset, set a flag or take data out.
 *
 * Each kind of descriptor has a file fd_X.c with a function of type descriptor_add. A new kind
 * needs a line in shared/descriptor_kinds.h, such a file, a function in the restarter, and a
 * test; the head of descriptor_kinds.h describes these steps.
 */
#ifndef DESCRIPTORS_DESCRIPTORS_H
#define DESCRIPTORS_DESCRIPTORS_H

#include <sys/stat.h>

#include "process/process.h"

struct descriptor {
	int number;
	int fd;             /* its number here */
	unsigned flags;     /* as fcntl(F_GETFL) has them, and O_CLOEXEC */
	struct stat status;
	char *target;       /* what /proc says it is */
	uint32_t policy;    /* handoff_fd */
	bool settled;       /* it is known what becomes of it */
	bool absent;        /* what it was is not in the dump */
	struct descriptor *same; /* the first with the same open file; often itself */
};

struct descriptors {
	struct process *process;
	struct descriptor *list; /* by number; 0 to 2 too, which are left alone */
	size_t count;
};

/* Captures all descriptors; before the regions, which need to know the shared memory that has
 * descriptors. */
void descriptors_capture(struct process *process);

/* ---- descriptor.c ------------------------------------------------------------------------ */

/* By number. */
void descriptors_sort(struct descriptors *all);
struct descriptor *descriptors_find(const struct descriptors *all, int number);

/* A plan_file of that kind for the descriptor, with its flags. */
struct plan_file descriptor_plan(const struct descriptor *descriptor, uint32_t kind);
void descriptor_warn(const struct descriptors *all, const struct descriptor *descriptor,
		     const char *what);

/* Data in the form of a plan: each message after its length. */
struct messages {
	char *bytes;
	size_t length, room;
};
void messages_add(struct messages *messages, const void *bytes, size_t length);

/* ---- Each kind --------------------------------------------------------------------------- */

/* same_file.c: sets ->same of all. */
void descriptors_find_same(struct descriptors *all);

/* Each of these makes a descriptor of its kind part of the image and returns NULL, or says
 * what it is that cannot be made again: "a pipe whose …". The others that it belongs with
 * may get ->settled. */
typedef const char *descriptor_add(struct descriptors *all, struct descriptor *descriptor);

/* Those that find a descriptor by its target, for each in the list of kinds. */
#define OTHERWISE
#define BY_TARGET(function, ...) descriptor_add function;
#define DECLARE(name, keyword, phase, shown, capture, ...) capture
DESCRIPTOR_KINDS(DECLARE)
#undef OTHERWISE
#undef BY_TARGET
#undef DECLARE

/* Those that the type of the file shows. */
descriptor_add descriptor_add_path, descriptor_add_device; /* fd_path.c */
descriptor_add descriptor_add_socket;                      /* fd_socket.c */

/* fd_uring.c: what fdinfo says of an io_uring, to be freed; the first line of a list in it, which
 * begins with a blank, as all the others of that list do; NULL: it is empty. */
char *ring_info(struct descriptors *all, const struct descriptor *descriptor);
char *ring_info_list(char *info, const char *title);

/* When all of them are settled: what leads from one to another. */
void descriptors_add_watches(struct descriptors *all); /* fd_kernel.c */
void descriptors_add_registered(struct descriptors *all); /* fd_registered.c */
void descriptors_add_terminal(struct descriptors *all); /* fd_terminal.c */
void descriptors_add_locks(struct descriptors *all);   /* fd_path.c */

#endif
