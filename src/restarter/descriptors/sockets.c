/* SPDX-License-Identifier: MIT
 *
 * Sockets: options, addresses, states.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/un.h>

#include "descriptors.h"

enum {
	SOCKET_DATAGRAM = 2,     /* SOCK_DGRAM */
	STATUS_TYPE = 0170000,   /* S_IFMT */
	STATUS_SOCKET = 0140000, /* S_IFSOCK */
	STATUS_RIGHTS = 0777
};

void restore_socket(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	uint64_t type = file->socket.type | (file->flags & O_CLOEXEC);

	fd_settle(step, sys(__NR_socket, file->socket.domain, type, file->socket.protocol));
}

void restore_option(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_must(step, "set an option of",
		sys(__NR_setsockopt, file->number, file->option.level, file->option.name,
		    &file->option.value, file->length));
}

/* connect() cannot find out whether `path` itself is a socket: it follows symbolic links,
 * and it returns ECONNREFUSED for other files, too (net/unix/af_unix.c, unix_find_bsd,
 * 6.18). */
static int is_socket(const char *path)
{
	struct statx status;

	return !sys(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status)
	       && (status.stx_mode & STATUS_TYPE) == STATUS_SOCKET;
}

/* Has no process the socket open any more? A datagram socket gets ECONNREFUSED only then
 * (unix_find_bsd); a stream socket gets it also before the other one listens. */
static int is_stale(const struct fd_step *step)
{
	long probe = sys(__NR_socket, SOCKET_UNIX, SOCKET_DATAGRAM | O_NONBLOCK | O_CLOEXEC, 0);
	long result = sys(__NR_connect, probe, fd_data(step), step->file->length);

	sys(__NR_close, probe);
	return result == -ECONNREFUSED;
}

/* The kernel gives a socket's file all rights except those in the umask (unix_bind_bsd). A
 * umask of its own makes the file with the old rights from the start. */
static long bind_with_rights(const struct fd_step *step)
{
	const struct plan_file *file = step->file;
	long mask, result;

	if (!file->bind.mode)
		return sys(__NR_bind, file->number, fd_data(step), file->length);
	mask = sys(__NR_umask, ~file->bind.mode & STATUS_RIGHTS);
	result = sys(__NR_bind, file->number, fd_data(step), file->length);
	sys(__NR_umask, mask);
	return result;
}

void restore_bind(struct fd_step *step)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)fd_data(step);
	const char *path = plan_string(step->plan, step->file->path);
	long result = bind_with_rights(step);
	uint16_t family;

	memcpy(&family, address, sizeof(family));
	if (result == -EADDRINUSE && family == SOCKET_UNIX && address->sun_path[0]) {
		if (!is_socket(path))
			fd_give_up(step, "bind a socket: there is another file named", 0);
		if (is_stale(step)) {
			sys(__NR_unlinkat, AT_FDCWD, path, 0);
			result = bind_with_rights(step);
		}
	}
	fd_must(step, "bind", result);
}

void restore_listen(struct fd_step *step)
{
	const struct plan_file *file = step->file;

	fd_must(step, "listen on", sys(__NR_listen, file->number, file->listen.backlog));
}

void restore_shutdown(struct fd_step *step)
{
	sys(__NR_shutdown, step->file->number, step->file->shutdown.how);
}
