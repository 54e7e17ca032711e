/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A library for LD_PRELOAD that dumps a program that does not use libunexec. It wraps the calls
 * that wait for standard input. The first of them that would really wait writes
 * $UNEXEC_TEST_DUMP and ends the process, with 0, or with 1 and the report on stderr. In the
 * dump the call continues. With UNEXEC_TEST_WHEN=idle, it dumps at the main thread's first wait
 * of a second or more, for any event.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <unistd.h>

#include "unexec.h"

/* Both are set only in the process that was started with them, not in processes that it
 * forks. */
static char *target;
static bool when_idle;
static pid_t process;
static atomic_flag dumping = ATOMIC_FLAG_INIT;

/* Removes a variable from the environment. Calling unsetenv() would reach bash's own in
 * bash. */
static void forget(const char *beginning)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (strncmp(*from, beginning, strlen(beginning)))
			*to++ = *from;
	*to = NULL;
}

__attribute__((constructor)) static void prepare(void)
{
	const char *path = getenv("UNEXEC_TEST_DUMP"), *when = getenv("UNEXEC_TEST_WHEN");

	if (path)
		target = strdup(path);
	when_idle = when && !strcmp(when, "idle");
	process = getpid();
	forget("UNEXEC_TEST_DUMP=");
	forget("UNEXEC_TEST_WHEN=");
	forget("LD_PRELOAD=");
}

/* ---- The dump ---------------------------------------------------------------------------- */

static void dump(void)
{
	const struct unexec_options options = {
		.size = sizeof(options),
		.threads = UNEXEC_THREADS_KEEP,
	};
	int error = errno, status;

	if (!target || getpid() != process || atomic_flag_test_and_set(&dumping))
		return;
	status = unexec_dump(target, &options, NULL);
	if (status != UNEXEC_RESUMED) {
		if (status < 0)
			fprintf(stderr, "at_prompt: %s\n", unexec_status_name(status));
		_exit(status < 0);
	}
	errno = error;
}

/* Returns the function of that name that would be called without this library. */
static void *real_function(void *_Atomic *known, const char *name)
{
	if (!*known)
		*known = dlsym(RTLD_NEXT, name);
	if (!*known)
		abort();
	return *known;
}

#define REAL(name) \
	__extension__ ({ \
		static void *_Atomic known_; \
		(__typeof__(&name))real_function(&known_, #name); \
	})

static bool has_nothing(int descriptor)
{
	struct pollfd one = { .fd = descriptor, .events = POLLIN };

	return REAL(poll)(&one, 1, 0) == 0;
}

/* To be called before a read of `descriptor`. */
static void reads(int descriptor)
{
	if (descriptor == 0 && !when_idle && has_nothing(0))
		dump();
}

/* To be called before a wait in which nothing is ready. */
static void waits(bool for_input, bool briefly)
{
	if (when_idle ? !briefly && gettid() == process : for_input)
		dump();
}

static bool is_brief(int milliseconds)
{
	return milliseconds >= 0 && milliseconds < 1000;
}

/* ---- Reading ----------------------------------------------------------------------------- */

ssize_t read(int descriptor, void *buffer, size_t size)
{
	reads(descriptor);
	return REAL(read)(descriptor, buffer, size);
}

ssize_t __read_chk(int descriptor, void *buffer, size_t size, size_t room);
ssize_t __read_chk(int descriptor, void *buffer, size_t size, size_t room)
{
	reads(descriptor);
	return REAL(__read_chk)(descriptor, buffer, size, room);
}

ssize_t readv(int descriptor, const struct iovec *pieces, int count)
{
	reads(descriptor);
	return REAL(readv)(descriptor, pieces, count);
}

/* ---- stdio, which calls libc's own read --------------------------------------------------- */

static void reads_stream(FILE *stream)
{
	if (stream->_IO_read_ptr >= stream->_IO_read_end)
		reads(stream->_fileno);
}

#define READS_STREAM(type, name, parameters, stream, ...) \
	type name parameters; \
	type name parameters \
	{ \
		reads_stream(stream); \
		return REAL(name)(__VA_ARGS__); \
	}

#undef getc
#undef getc_unlocked
#undef getchar
#undef fgetc_unlocked
READS_STREAM(int, getc, (FILE *stream), stream, stream)
READS_STREAM(int, fgetc, (FILE *stream), stream, stream)
READS_STREAM(int, _IO_getc, (FILE *stream), stream, stream)
READS_STREAM(int, getc_unlocked, (FILE *stream), stream, stream)
READS_STREAM(int, getchar, (void), stdin)
READS_STREAM(int, __uflow, (FILE *stream), stream, stream)
READS_STREAM(int, __underflow, (FILE *stream), stream, stream)
READS_STREAM(char *, fgets, (char *line, int size, FILE *stream), stream, line, size, stream)
READS_STREAM(char *, fgets_unlocked, (char *line, int size, FILE *stream), stream, line, size,
	     stream)
READS_STREAM(char *, __fgets_chk, (char *line, size_t room, int size, FILE *stream), stream, line,
	     room, size, stream)
READS_STREAM(size_t, fread, (void *to, size_t size, size_t count, FILE *stream), stream, to, size,
	     count, stream)
READS_STREAM(size_t, __fread_chk,
	     (void *to, size_t room, size_t size, size_t count, FILE *stream), stream, to, room,
	     size, count, stream)
READS_STREAM(ssize_t, getline, (char **line, size_t *size, FILE *stream), stream, line, size,
	     stream)
READS_STREAM(ssize_t, getdelim, (char **line, size_t *size, int end, FILE *stream), stream, line,
	     size, end, stream)
READS_STREAM(ssize_t, __getdelim, (char **line, size_t *size, int end, FILE *stream), stream,
	     line, size, end, stream)

/* ---- Waiting ----------------------------------------------------------------------------- */

static bool polls_input(const struct pollfd *entries, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++)
		if (entries[i].fd == 0 && entries[i].events & POLLIN)
			return true;
	return false;
}

static void before_poll(struct pollfd *entries, nfds_t count, bool briefly)
{
	if (REAL(poll)(entries, count, 0) == 0)
		waits(polls_input(entries, count), briefly);
}

int poll(struct pollfd *entries, nfds_t count, int milliseconds)
{
	if (milliseconds)
		before_poll(entries, count, is_brief(milliseconds));
	return REAL(poll)(entries, count, milliseconds);
}

int __poll_chk(struct pollfd *entries, nfds_t count, int milliseconds, size_t room);
int __poll_chk(struct pollfd *entries, nfds_t count, int milliseconds, size_t room)
{
	if (milliseconds)
		before_poll(entries, count, is_brief(milliseconds));
	return REAL(__poll_chk)(entries, count, milliseconds, room);
}

int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *limit,
	  const sigset_t *mask)
{
	if (!limit || limit->tv_sec || limit->tv_nsec)
		before_poll(entries, count, limit && !limit->tv_sec);
	return REAL(ppoll)(entries, count, limit, mask);
}

static void before_select(int count, const fd_set *for_read, const fd_set *for_write,
			  const fd_set *for_exceptions, bool briefly)
{
	fd_set sets[3];
	struct timeval none = { 0 };

	FD_ZERO(&sets[0]);
	FD_ZERO(&sets[1]);
	FD_ZERO(&sets[2]);
	if (for_read)
		sets[0] = *for_read;
	if (for_write)
		sets[1] = *for_write;
	if (for_exceptions)
		sets[2] = *for_exceptions;
	if (REAL(select)(count, &sets[0], &sets[1], &sets[2], &none) == 0)
		waits(count > 0 && for_read && FD_ISSET(0, for_read), briefly);
}

int select(int count, fd_set *for_read, fd_set *for_write, fd_set *for_exceptions,
	   struct timeval *limit)
{
	if (!limit || limit->tv_sec || limit->tv_usec)
		before_select(count, for_read, for_write, for_exceptions,
			      limit && !limit->tv_sec);
	return REAL(select)(count, for_read, for_write, for_exceptions, limit);
}

int pselect(int count, fd_set *for_read, fd_set *for_write, fd_set *for_exceptions,
	    const struct timespec *limit, const sigset_t *mask)
{
	if (!limit || limit->tv_sec || limit->tv_nsec)
		before_select(count, for_read, for_write, for_exceptions,
			      limit && !limit->tv_sec);
	return REAL(pselect)(count, for_read, for_write, for_exceptions, limit, mask);
}

/* True if descriptor 0 is in the set. */
static bool set_has_input(int set)
{
	char path[64], line[256];
	bool found = false;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", set);
	info = fopen(path, "re");
	if (!info)
		return false;
	while (!found && REAL(fgets)(line, sizeof(line), info)) {
		int number;

		found = sscanf(line, "tfd: %d", &number) == 1 && number == 0;
	}
	fclose(info);
	return found;
}

/* poll() is used because epoll_wait() would consume edge-triggered events. */
static void before_epoll(int set, int milliseconds)
{
	if (milliseconds && has_nothing(set))
		waits(set_has_input(set), is_brief(milliseconds));
}

int epoll_wait(int set, struct epoll_event *events, int room, int milliseconds)
{
	before_epoll(set, milliseconds);
	return REAL(epoll_wait)(set, events, room, milliseconds);
}

int epoll_pwait(int set, struct epoll_event *events, int room, int milliseconds,
		const sigset_t *mask)
{
	before_epoll(set, milliseconds);
	return REAL(epoll_pwait)(set, events, room, milliseconds, mask);
}
