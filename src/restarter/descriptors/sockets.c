/* SPDX-License-Identifier: MIT
 *
 * Sockets: options, addresses, states.
 */
#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
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

/* Sets the size of a buffer, beyond the kernel's limit if the process may. */
static long set_buffer(const struct plan_file *file, uint64_t name, const char *value)
{
	uint64_t force = name == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;
	int32_t size;
	long result;

	memcpy(&size, value, sizeof(size));
	size /= 2;
	result = sys(__NR_setsockopt, file->number, SOL_SOCKET, force, &size, sizeof(size));
	if (sys_failed(result))
		result = sys(__NR_setsockopt, file->number, SOL_SOCKET, name, &size,
			     sizeof(size));
	return result;
}

static long set_option(const struct fd_step *step)
{
	const struct plan_file *file = step->file;
	const char *value = fd_data(step);
	struct sock_fprog program = {
		.len = (uint16_t)(file->length / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)value,
	};

	if (file->option.how & PLAN_OPTION_BUFFER)
		return set_buffer(file, file->option.name, value);
	if (file->option.how & PLAN_OPTION_FILTER)
		return sys(__NR_setsockopt, file->number, file->option.level,
			   file->option.name, &program, sizeof(program));
	return sys(__NR_setsockopt, file->number, file->option.level, file->option.name,
		   value, file->length);
}

/* Some values are limited without an error. */
static int is_limited(const struct fd_step *step)
{
	const struct plan_file *file = step->file;
	int32_t wanted, now = 0;
	uint32_t length = sizeof(now);

	if (file->length != sizeof(now) || file->option.how & PLAN_OPTION_FILTER)
		return 0;
	memcpy(&wanted, fd_data(step), sizeof(wanted));
	return !sys(__NR_getsockopt, file->number, file->option.level, file->option.name,
		    &now, &length) && now != wanted;
}

void restore_option(struct fd_step *step)
{
	const char *name = plan_string(step->plan, step->file->path);
	long result = set_option(step);
	char number[32];
	struct line line;

	if (!sys_failed(result) && !is_limited(step))
		return;
	fd_name_number(number, step->file->number);
	begin_line(&line, step->file->option.how & PLAN_OPTION_MUST ? "error" : "warning");
	append(&line, sys_failed(result) ? "cannot set " : "the kernel limits ");
	append(&line, name);
	append(&line, " of ");
	append(&line, number);
	if (sys_failed(result))
		append_reason(&line, result);
	if (step->file->option.how & PLAN_OPTION_MUST)
		fail_line(&line);
	end_line(&line);
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

void fd_warn_of_port(const struct fd_step *step)
{
	char number[32];
	struct line line;

	fd_name_number(number, step->file->number);
	begin_line(&line, "warning");
	append(&line, plan_string(step->plan, step->file->path));
	append(&line, " is not available: ");
	append(&line, number);
	append(&line, " has another port");
	end_line(&line);
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
	if (sys_failed(result) && step->file->bind.optional)
		fd_warn_of_port(step);
	else
		fd_must(step, "bind", result);
}

void restore_bind_gone(struct fd_step *step)
{
	restore_bind(step);
	sys(__NR_unlinkat, AT_FDCWD, plan_string(step->plan, step->file->path), 0);
}

/* A program has to expect that the peer of a datagram socket is gone. */
void restore_connect(struct fd_step *step)
{
	const struct plan_file *file = step->file;
	long result = sys(__NR_connect, file->number, fd_data(step), file->length);
	char number[32];
	struct line line;

	if (!sys_failed(result))
		return;
	fd_name_number(number, file->number);
	begin_line(&line, "warning");
	append(&line, "cannot connect ");
	append(&line, number);
	append(&line, " to ");
	append(&line, plan_string(step->plan, file->path));
	append_reason(&line, result);
	end_line(&line);
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
