/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures descriptors: adds to an image the entries from which a start restores them.
 *
 * The writer has inherited each descriptor of the frozen copy at its number, or fetches it with
 * pidfd_getfd or an SCM_RIGHTS message, and examines it. The open files are shared with the
 * running process: nothing here may move an offset, set a flag or take data out.
 *
 * Each kind of descriptor has a function of type descriptor_add in a file fd_X.c. A new kind
 * needs a line in shared/descriptor_kinds.h, such a file, a function in the restarter, and a
 * test; the head of descriptor_kinds.h describes these steps.
 */
#ifndef DESCRIPTORS_DESCRIPTORS_H
#define DESCRIPTORS_DESCRIPTORS_H

#include <sys/stat.h>

#include "process/process.h"

/* Data in the form that a plan has: each message after its length. */
/* With SO_PASSCRED, as in struct ucred. */
struct sender {
	uint32_t pid, user, group;
};

struct messages {
	char *bytes;
	size_t length, room;
	struct sender senders[2]; /* of a UNIX-domain socket: the first, and one that differs */
	size_t sender_count;
};

struct descriptor {
	int number;
	int fd;             /* its number in this process */
	unsigned flags;     /* from fcntl(F_GETFL), and O_CLOEXEC */
	struct stat status;
	char *target;       /* of the link in /proc/PID/fd */
	char *description;  /* by descriptor_describe; NULL */
	uint32_t policy;    /* handoff_fd */
	bool chosen;        /* the policy, for this number */
	bool inherited;     /* left to the starter of the dump, as 0 to 2 */
	bool is_in_flight;  /* in a message, not in the process; the number is unused there */
	int carrier;        /* then the number of the socket that has the message */
	struct messages queue; /* of a socket with descriptors in flight */
	bool settled;       /* decided */
	bool absent;        /* the dump does not have its file */
	struct descriptor *same; /* the first with the same open file; itself if it is the
				  * first */
};

struct descriptors {
	struct process *process;
	struct descriptor *list; /* sorted by number; with 0 to 2, which are left alone */
	size_t count;
};

/* Captures all descriptors. Call it before the regions are captured, which need to know the
 * shared memory that has descriptors. */
void descriptors_capture(struct process *process);

/* ---- fd_common.c ------------------------------------------------------------------------- */

/* Sorts by number; finds a descriptor, or NULL. */
void descriptors_sort(struct descriptors *all);
struct descriptor *descriptors_find(const struct descriptors *all, int number);

/* Is it left to the starter of the dump: standard input, output and error, and inherited ones? */
bool descriptor_is_starters(const struct descriptor *descriptor);

/* Makes an entry of that kind for the descriptor, with its flags. */
struct plan_file descriptor_plan(const struct descriptor *descriptor, uint32_t kind);
void descriptor_warn(const struct descriptors *all, const struct descriptor *descriptor,
		     const char *what);

/* Stores a description that is composed, for a function of type descriptor_add to return. */
void descriptor_describe(struct descriptor *descriptor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds an entry that opens the file of the descriptor `other` again, or one that sets owner, mode
 * and times. */
void descriptor_add_again(struct descriptors *all, const struct descriptor *descriptor,
			  int other);
void descriptor_add_status(struct descriptors *all, const struct descriptor *descriptor);

/* Adds a message. */
void messages_add(struct messages *messages, const void *bytes, size_t length);
void messages_add_flagged(struct messages *messages, const void *bytes, size_t length,
			  uint32_t flag); /* PLAN_MESSAGE_… or 0 */

/* ---- Each kind --------------------------------------------------------------------------- */

/* in_flight.c: adds descriptors that are in messages; closes their numbers when they are sent. */
void descriptors_list_in_flight(struct descriptors *all);
void descriptors_close_in_flight(struct descriptors *all);
/* The description of a socket that has such a descriptor in its queue, which is `what`. */
const char *descriptor_describe_carrier(struct descriptor *descriptor, const char *what);
/* Returns the queue of a socket with descriptors in flight, which the caller frees. */
struct messages descriptor_take_queue(const struct descriptors *all,
				      struct descriptor *descriptor);

/* same_file.c: sets ->same of all descriptors. */
void descriptors_find_same(struct descriptors *all);

/* Adds the entries of a descriptor to the image and returns NULL; or returns a description of
 * what cannot be restored: "a pipe whose …". May set ->settled of other descriptors that belong
 * to it. */
typedef const char *descriptor_add(struct descriptors *all, struct descriptor *descriptor);

/* Declares the functions that the list of kinds names. */
#define OTHERWISE
#define BY_TARGET(function, ...) descriptor_add function;
#define DECLARE(name, keyword, phase, shown, capture, ...) capture
DESCRIPTOR_KINDS(DECLARE)
#undef OTHERWISE
#undef BY_TARGET
#undef DECLARE

/* fd_path.c: does the path lead to this file? */
bool descriptor_is_at(const char *path, const struct descriptor *descriptor);

/* fd_proc.c: for a file of the process itself in /proc, stores the path by which every process
 * opens its own; else NULL, to be freed. Returns a description if it is another process's or
 * another thread's. */
const char *descriptor_own_path(const struct descriptors *all,
				const struct descriptor *descriptor, char **ret_path);

/* fd_pty.c: the master of this pseudo-terminal in the process; NULL if there is none. With one,
 * descriptor_add_pty adds both ends. */
struct descriptor *descriptor_find_master(const struct descriptors *all,
					  const struct descriptor *end);
descriptor_add descriptor_add_pty;

/* For kinds that the type of the file shows. */
descriptor_add descriptor_add_path, descriptor_add_device; /* fd_path.c */
descriptor_add descriptor_add_socket;                      /* fd_socket.c */
descriptor_add descriptor_add_deleted, descriptor_add_deleted_directory; /* fd_deleted.c */


/* fd_uring.c: the fdinfo of an io_uring, which the caller frees; and the first line of a list
 * in it, NULL if the list is empty. All lines of the list begin with a blank. */
char *ring_info(struct descriptors *all, const struct descriptor *descriptor);
char *ring_info_list(char *info, const char *title);

/* Call when all are settled: these add entries that refer to other descriptors. */
void descriptors_add_watches(struct descriptors *all); /* fd_epoll.c */
void descriptors_add_registered(struct descriptors *all); /* fd_registered.c */
void descriptors_add_input(struct descriptors *all);    /* fd_input.c */
void descriptors_add_terminal(struct descriptors *all); /* fd_terminal.c */
void descriptors_add_locks(struct descriptors *all);   /* fd_path.c */

#endif
