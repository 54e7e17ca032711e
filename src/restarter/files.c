/* SPDX-License-Identifier: MIT
 *
 * The descriptors as they were: made one by one in the plan's order, each at its own number
 * with its own flags.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/eventpoll.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/timerfd.h>
#include <linux/un.h>

#include "restarter.h"

/* What the kernel's headers keep to themselves or do not have in every version. */
enum {
	SOCKET_UNIX = 1,
	SOCKET_DATAGRAM = 2,
	STATUS_SOCKET = 0140000, /* S_IFSOCK under S_IFMT */
	STATUS_TYPE = 0170000,
	STATUS_RIGHTS = 0777,
	SEND_DONTWAIT = 0x40,
	SEND_NOSIGNAL = 0x4000,
	FLOCK_SHARED = 1,
	FLOCK_EXCLUSIVE = 2,
	FLOCK_NONBLOCK = 4,
	EVENT_SEMAPHORE = 1
};

/* What fcntl(F_SETFL) can set, of flags that a descriptor may not get when it is made. */
#define SETTABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

struct files {
	const struct plan *plan;
	const struct plan_file *file; /* the one that is being made */
	long object;                  /* the descriptor of the object that is being made */
};

/* Puts "descriptor 12" into `text`. */
static void name_number(char text[32], int32_t number)
{
	static const char word[] = "descriptor ";
	char digits[12];
	size_t at = sizeof(digits);

	digits[--at] = 0;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(text, word, sizeof(word) - 1);
	memcpy(text + sizeof(word) - 1, digits + at, sizeof(digits) - at);
}

static void __attribute__((noreturn)) give_up(const struct files *files, const char *what,
					      long error)
{
	const char *path = plan_string(files->plan, files->file->path);
	char number[32];

	if (*path)
		fail(what, path, error);
	if (plan_is_object(files->file->kind))
		fail(what, "shared memory", error);
	name_number(number, files->file->number);
	fail(what, number, error);
}

static long must(const struct files *files, const char *what, long result)
{
	if (sys_failed(result))
		give_up(files, what, result);
	return result;
}

static const char *data_of(const struct files *files)
{
	return plan_string(files->plan, files->file->data);
}

/* ---- Numbers and flags ------------------------------------------------------------------ */

/* Moves a descriptor to its number; whatever the starter had left open there goes. */
static void place(const struct files *files, long descriptor, int32_t number, uint32_t flags)
{
	long result;

	if (descriptor == number)
		return;
	result = sys(__NR_dup3, descriptor, number, flags & O_CLOEXEC);
	/* First of all: with standard error closed it may be 2, and get the message. */
	sys(__NR_close, descriptor);
	must(files, "give its old number to", result);
}

static void set_flags(const struct files *files, int32_t number, uint32_t flags)
{
	if (flags & SETTABLE)
		must(files, "set the flags of",
		     sys(__NR_fcntl, number, F_SETFL, flags & (SETTABLE | O_ACCMODE)));
}

static void set_offset(const struct files *files, int32_t number)
{
	if (files->file->offset != PLAN_NO_OFFSET)
		must(files, "go to the old place in",
		     sys(__NR_lseek, number, files->file->offset, 0 /* SEEK_SET */));
}

/* For what was made with O_CLOEXEC if it shall have that. */
static void settle(const struct files *files, long descriptor)
{
	const struct plan_file *file = files->file;

	must(files, "make again", descriptor);
	place(files, descriptor, file->number, file->flags);
	set_flags(files, file->number, file->flags);
}

/* Both ends were made with O_CLOEXEC. One that nobody has any more is closed. */
static void settle_pair(const struct files *files, int first, int second)
{
	const struct plan_file *file = files->file;

	/* The second lies where the first has to go: anywhere else. */
	if (second == file->number) {
		int old = second;

		second = (int)must(files, "make again",
				   sys(__NR_fcntl, old, F_DUPFD_CLOEXEC, 0));
		sys(__NR_close, old);
	}
	place(files, first, file->number, file->flags);
	if (first == file->number && !(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, first, F_SETFD, 0);
	set_flags(files, file->number, file->flags);
	if (!file->other) {
		sys(__NR_close, second);
		return;
	}
	place(files, second, file->other, file->other_flags);
	if (second == file->other && !(file->other_flags & O_CLOEXEC))
		sys(__NR_fcntl, second, F_SETFD, 0);
	set_flags(files, file->other, file->other_flags);
}

/* ---- What a name leads to --------------------------------------------------------------- */

static void restore_open(const struct files *files)
{
	const struct plan_file *file = files->file;
	const char *path = plan_string(files->plan, file->path);
	long descriptor = sys(__NR_openat, AT_FDCWD, path, file->flags, 0);

	if (descriptor == -ENOENT && file->kind == PLAN_FD_OPEN_ANY) {
		descriptor = sys(__NR_openat, AT_FDCWD, "/dev/null",
				 file->flags & (O_ACCMODE | O_CLOEXEC), 0);
		place(files, must(files, "open /dev/null for", descriptor), file->number,
		      file->flags);
		return;
	}
	must(files, "open again", descriptor);
	place(files, descriptor, file->number, file->flags);
	set_offset(files, file->number);
}

static void restore_check(const struct files *files)
{
	const struct plan_file *file = files->file;
	struct statx status;

	if (sys(__NR_statx, file->number, "", AT_EMPTY_PATH, STATX_SIZE | STATX_MTIME, &status)
	    || (status.stx_size == file->check.size
		&& (uint64_t)status.stx_mtime.tv_sec * 1000000000 + status.stx_mtime.tv_nsec
		   == file->check.time))
		return;
	if (file->check.stop)
		give_up(files, "go on with a file that has changed since the dump:", 0);
	warn("a file has changed since the dump:", plan_string(files->plan, file->path));
}

static void restore_again(const struct files *files)
{
	static const char directory[] = "/proc/self/fd/";
	const struct plan_file *file = files->file;
	char path[sizeof(directory) + 32];
	char number[32];

	name_number(number, file->other);
	memcpy(path, directory, sizeof(directory) - 1);
	memcpy(path + sizeof(directory) - 1, number + sizeof("descriptor"), 12);
	place(files, must(files, "open another time",
			  sys(__NR_openat, AT_FDCWD, path, file->flags, 0)),
	      file->number, file->flags);
	set_offset(files, file->number);
}

/* Whether a call failed since standard input, output or error is closed at this start. */
static int is_closed_standard(long result, int32_t number)
{
	return result == -EBADF && number <= 2
	       && sys(__NR_fcntl, number, F_GETFD) == -EBADF;
}

static void restore_same(const struct files *files)
{
	const struct plan_file *file = files->file;
	long result = sys(__NR_dup3, file->other, file->number, file->flags & O_CLOEXEC);

	/* What is closed is closed twice. */
	if (is_closed_standard(result, file->other))
		sys(__NR_close, file->number);
	else
		must(files, "duplicate", result);
}

static void restore_close(const struct files *files)
{
	sys(__NR_close, files->file->number);
}

/* ---- Pipes and sockets ------------------------------------------------------------------ */

/* Writes the messages that are the data; each must fit, since all of them did. */
static void send_all(const struct files *files, int to)
{
	const char *at = data_of(files), *end = at + files->file->length;

	while (at < end) {
		uint32_t length;
		long sent;

		memcpy(&length, at, sizeof(length));
		at += sizeof(length);
		sent = sys(__NR_sendto, to, at, length, SEND_DONTWAIT | SEND_NOSIGNAL, 0, 0);
		if (sent == -ENOTSOCK)
			sent = sys(__NR_write, to, at, length);
		must(files, "put back what was in", sent);
		if (sent != length)
			give_up(files, "put back what was in", -EAGAIN);
		at += length;
	}
}

static void restore_pipe(const struct files *files)
{
	const struct plan_file *file = files->file;
	int ends[2];

	must(files, "make again",
	     sys(__NR_pipe2, ends, O_CLOEXEC | O_NONBLOCK
		 | ((file->flags | file->other_flags) & O_DIRECT)));
	if (file->pipe.capacity)
		must(files, "give its capacity to",
		     sys(__NR_fcntl, ends[1], F_SETPIPE_SZ, file->pipe.capacity));
	send_all(files, ends[1]);
	sys(__NR_fcntl, ends[0], F_SETFL, 0);
	sys(__NR_fcntl, ends[1], F_SETFL, O_WRONLY);
	if (file->pipe.end)
		settle_pair(files, ends[1], ends[0]);
	else
		settle_pair(files, ends[0], ends[1]);
}

static void restore_pair(const struct files *files)
{
	const struct plan_file *file = files->file;
	int ends[2];

	must(files, "make again", sys(__NR_socketpair, SOCKET_UNIX,
				      file->socket.type | O_CLOEXEC, 0, ends));
	send_all(files, ends[1]);
	settle_pair(files, ends[0], ends[1]);
}

static void restore_socket(const struct files *files)
{
	const struct plan_file *file = files->file;
	uint64_t type = file->socket.type | (file->flags & O_CLOEXEC);

	settle(files, sys(__NR_socket, file->socket.domain, type, file->socket.protocol));
}

static void restore_option(const struct files *files)
{
	const struct plan_file *file = files->file;

	must(files, "set an option of",
	     sys(__NR_setsockopt, file->number, file->option.level, file->option.name,
		 &file->option.value, file->length));
}

static void restore_listen(const struct files *files)
{
	const struct plan_file *file = files->file;

	must(files, "listen on", sys(__NR_listen, file->number, file->listen.backlog));
}

static void restore_send(const struct files *files)
{
	send_all(files, files->file->number);
}

static void restore_shutdown(const struct files *files)
{
	sys(__NR_shutdown, files->file->number, files->file->shutdown.how);
}

/* Whether `path` itself is a socket. connect() cannot tell: it follows symbolic links, and what
 * is no socket refuses as well (net/unix/af_unix.c, unix_find_bsd, 6.18). */
static int is_socket(const char *path)
{
	struct statx status;

	return !sys(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status)
	       && (status.stx_mode & STATUS_TYPE) == STATUS_SOCKET;
}

/* Whether the socket is one that nobody has any more. A datagram socket gets ECONNREFUSED only
 * then (unix_find_bsd); a stream socket also where nobody listens yet. */
static int is_stale(const struct files *files)
{
	long probe = sys(__NR_socket, SOCKET_UNIX, SOCKET_DATAGRAM | O_NONBLOCK | O_CLOEXEC, 0);
	long result = sys(__NR_connect, probe, data_of(files), files->file->length);

	sys(__NR_close, probe);
	return result == -ECONNREFUSED;
}

/* The kernel gives a socket's file all rights that the umask leaves (unix_bind_bsd). So the
 * file has the old rights from the first moment on. */
static long bind_with_rights(const struct files *files)
{
	const struct plan_file *file = files->file;
	long mask, result;

	if (!file->bind.mode)
		return sys(__NR_bind, file->number, data_of(files), file->length);
	mask = sys(__NR_umask, ~file->bind.mode & STATUS_RIGHTS);
	result = sys(__NR_bind, file->number, data_of(files), file->length);
	sys(__NR_umask, mask);
	return result;
}

static void restore_bind(const struct files *files)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)data_of(files);
	const char *path = plan_string(files->plan, files->file->path);
	long result = bind_with_rights(files);
	uint16_t family;

	memcpy(&family, address, sizeof(family));
	if (result == -EADDRINUSE && family == SOCKET_UNIX && address->sun_path[0]) {
		if (!is_socket(path))
			give_up(files, "bind a socket: there is another file named", 0);
		if (is_stale(files)) {
			sys(__NR_unlinkat, AT_FDCWD, path, 0);
			result = bind_with_rights(files);
		}
	}
	must(files, "bind again", result);
}

/* ---- Kernel objects --------------------------------------------------------------------- */

static void restore_event(const struct files *files)
{
	const struct plan_file *file = files->file;
	uint64_t count = file->event.count;
	long descriptor;

	descriptor = must(files, "make again",
			  sys(__NR_eventfd2, 0, (file->event.semaphore ? EVENT_SEMAPHORE : 0)
			      | (file->flags & (O_CLOEXEC | O_NONBLOCK))));
	/* eventfd2 itself takes only 32 bits of it. */
	if (count)
		must(files, "put back the count of",
		     sys(__NR_write, descriptor, &count, sizeof(count)));
	settle(files, descriptor);
}

static struct __kernel_timespec timespec_of(uint64_t nanoseconds)
{
	return (struct __kernel_timespec){
		.tv_sec = (int64_t)(nanoseconds / 1000000000),
		.tv_nsec = (int64_t)(nanoseconds % 1000000000),
	};
}

static void restore_timer(const struct files *files)
{
	const struct plan_file *file = files->file;
	struct __kernel_itimerspec value = {
		.it_interval = timespec_of(file->timer.interval),
		.it_value = timespec_of(file->timer.value),
	};
	uint64_t ticks = file->timer.ticks;

	settle(files, sys(__NR_timerfd_create, file->timer.clock,
			  file->flags & (O_CLOEXEC | O_NONBLOCK)));
	if (file->timer.value)
		must(files, "set the time of", sys(__NR_timerfd_settime, file->number,
						   file->timer.flags, &value, 0));
	/* Needs CONFIG_CHECKPOINT_RESTORE. Else a timer that has expired does so again, at
	 * once, unless it is running still and will. */
	if (ticks && sys_failed(sys(__NR_ioctl, file->number, TFD_IOC_SET_TICKS, &ticks))
	    && !file->timer.value) {
		value.it_value.tv_nsec = 1;
		sys(__NR_timerfd_settime, file->number, 0, &value, 0);
	}
}

static void restore_signal(const struct files *files)
{
	const struct plan_file *file = files->file;

	settle(files, sys(__NR_signalfd4, -1, &file->signal.mask, sizeof(file->signal.mask),
			  file->flags & (O_CLOEXEC | O_NONBLOCK)));
}

static void restore_epoll(const struct files *files)
{
	settle(files, sys(__NR_epoll_create1, files->file->flags & O_CLOEXEC));
}

static void restore_inotify(const struct files *files)
{
	settle(files, sys(__NR_inotify_init1, files->file->flags & (O_CLOEXEC | O_NONBLOCK)));
}

/* pidfd_open always sets O_CLOEXEC. */
static void restore_self(const struct files *files)
{
	const struct plan_file *file = files->file;

	settle(files, sys(__NR_pidfd_open, sys(__NR_getpid), file->flags & O_NONBLOCK));
	if (!(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, file->number, F_SETFD, 0);
}

/* Where vm.memfd_noexec is 2, only such that cannot be executed as a file can be made (6.3). */
static long create_memory(const char *name, uint64_t flags)
{
	long descriptor = sys(__NR_memfd_create, name, flags);

	if (descriptor == -EACCES)
		descriptor = sys(__NR_memfd_create, name, flags | 8 /* MFD_NOEXEC_SEAL */);
	return descriptor;
}

static void restore_memory(struct files *files)
{
	const struct plan_file *file = files->file;
	const char *name = plan_string(files->plan, file->path);
	uint64_t flags = file->memory.flags | (file->flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	long descriptor = create_memory(name, flags);

	if (file->number) {
		settle(files, descriptor);
		descriptor = file->number;
		set_offset(files, file->number);
	}
	must(files, "make again", descriptor);
	must(files, "give its length to", sys(__NR_ftruncate, descriptor, file->memory.size));
	files->object = descriptor;
}

static void restore_ring(const struct files *files)
{
	const struct plan_file *file = files->file;
	const char *what;
	long descriptor = rings_make(file, data_of(files), &what);

	must(files, what, descriptor);
	settle(files, descriptor);
	if (descriptor == file->number && !(file->flags & O_CLOEXEC))
		sys(__NR_fcntl, descriptor, F_SETFD, 0);
}

/* All of them, if this is the first. */
static void restore_ring_mappings(const struct files *files)
{
	const struct plan_file *file = files->file;
	long error;

	if (file != plan_at(files->plan, files->plan->files) && file[-1].kind == file->kind)
		return;
	file = rings_map(files->plan, file, &error);
	if (file) {
		const struct files failed = { .plan = files->plan, .file = file };

		give_up(&failed, "map at its old address the io_uring of", error);
	}
}

static void restore_registered(const struct files *files)
{
	const struct plan_file *file = files->file;

	must(files, "register again what was registered with",
	     sys(__NR_io_uring_register, file->number, file->registered.opcode,
		 data_of(files), file->registered.count));
}

static void restore_fill(const struct files *files)
{
	const struct plan_file *file = files->file;

	for (uint64_t done = 0; done < file->fill.length;) {
		long wrote = sys(__NR_pwrite64, files->object, file->fill.source + done,
				 file->fill.length - done, file->offset + done);

		done += (uint64_t)must(files, "fill", wrote);
	}
}

static void restore_map(const struct files *files)
{
	const struct plan_file *file = files->file;

	must(files, "map", sys(__NR_mmap, file->map.start, file->map.length, file->map.prot,
			       MAP_SHARED | MAP_FIXED | file->flags, files->object,
			       file->offset));
}

static void restore_seal(const struct files *files)
{
	must(files, "seal",
	     sys(__NR_fcntl, files->object, F_ADD_SEALS, files->file->seal.seals));
}

/* The kernel counts watches up; those below the wanted one were removed by the program. The
 * end of a watch is an event, which nobody waits for. */
static void restore_notify(const struct files *files)
{
	const struct plan_file *file = files->file;
	const char *path = plan_string(files->plan, file->path);
	uint64_t watch;
	char event[512];

	for (;;) {
		watch = (uint64_t)must(files, "watch again",
				       sys(__NR_inotify_add_watch, file->number, path,
					   file->notify.mask));
		if (watch >= file->notify.watch)
			break;
		sys(__NR_inotify_rm_watch, file->number, watch);
		sys(__NR_read, file->number, event, sizeof(event));
	}
	if (watch != file->notify.watch)
		give_up(files, "watch again under the same number", 0);
}

static void restore_watch(const struct files *files)
{
	const struct plan_file *file = files->file;
	struct epoll_event event = { .events = (__poll_t)file->watch.events,
				     .data = file->watch.data };
	char number[32];
	long failed = sys(__NR_epoll_ctl, file->number, EPOLL_CTL_ADD, file->other, &event);

	if (!failed || is_closed_standard(failed, file->other))
		return;
	name_number(number, file->other);
	fail("wait with epoll for", number, failed);
}

static void restore_lock(const struct files *files)
{
	const struct plan_file *file = files->file;
	struct flock range = {
		.l_type = (short)file->lock.type,
		.l_start = (int64_t)file->lock.start,
		.l_len = (int64_t)file->lock.length,
	};
	int whole = file->lock.type == F_WRLCK ? FLOCK_EXCLUSIVE : FLOCK_SHARED;
	long result;

	if (file->lock.which == PLAN_LOCK_FLOCK)
		result = sys(__NR_flock, file->number, FLOCK_NONBLOCK | whole);
	else
		result = sys(__NR_fcntl, file->number,
			     file->lock.which == PLAN_LOCK_OFD ? F_OFD_SETLK : F_SETLK, &range);
	must(files, "lock again", result);
}

/* A terminal that others use now is left alone. */
static void restore_terminal(const struct files *files)
{
	const struct plan_file *file = files->file;
	struct termios2 now;
	int32_t group = 0;

	if (sys(__NR_ioctl, file->number, TCGETS2, &now)
	    || sys(__NR_ioctl, file->number, TIOCGPGRP, &group)
	    || group != sys(__NR_getpgid, 0))
		return;
	/* SIGTTOU is blocked. */
	if (file->length)
		sys(__NR_ioctl, file->number, TCSETS2, plan_string(files->plan, file->data));
	/* It is another window. Who minds its size will also draw anew what it shows there. */
	sys(__NR_kill, sys(__NR_getpid), 28 /* SIGWINCH */);
}

/* ---- All of it -------------------------------------------------------------------------- */

static void restore_file(struct files *files)
{
	switch (files->file->kind) {
#define RESTORE(name, keyword, phase, shown, capture, restore, ...) \
	case PLAN_FD_##name: restore(files); break;
	DESCRIPTOR_KINDS(RESTORE)
#undef RESTORE
	}
}

void files_restore_objects(const struct plan *plan)
{
	struct files files = { .plan = plan };
	int nameless = 0;

	for_table(const struct plan_file, file, plan, files) {
		int is_object = plan_is_object(file->kind);

		if (nameless && (!is_object || file->kind == PLAN_FD_MEMORY))
			sys(__NR_close, files.object);
		nameless = is_object && !file->number;
		files.file = file;
		if (is_object)
			restore_file(&files);
	}
	if (nameless)
		sys(__NR_close, files.object);
}

void kernel_restore_files(const struct plan *plan)
{
	for_table(const struct plan_file, file, plan, files) {
		struct files files = { .plan = plan, .file = file };

		/* The restarter has filled the object from there. */
		if (file->kind == PLAN_FD_FILL)
			sys(__NR_munmap, file->fill.source, file->fill.length);
		else if (!plan_is_object(file->kind))
			restore_file(&files);
	}
}
