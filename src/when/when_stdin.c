/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decides whether a system call would wait for the program's standard input: it reads or polls
 * it, by any descriptor, and no input is there; or it reads it, and would find its end. This is
 * tested on copies of the descriptors, so that nothing changes for the program.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "base/names.h"
#include "when/when.h"

/* Epoll sets can contain each other. */
#define EPOLL_DEPTH 5
#define MOST_POLLED 65536

/* ---- Standard input ------------------------------------------------------------------- */

static int identify(pid_t pid, int descriptor, uint64_t ret[3])
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, descriptor);
	if (stat(path, &status))
		return -1;
	ret[0] = status.st_dev;
	ret[1] = status.st_ino;
	ret[2] = S_ISCHR(status.st_mode) ? status.st_rdev : 0;
	return 0;
}

static bool is_input(const struct watch *watch, pid_t tid, int descriptor);

/* Gets a copy of the program's descriptor; -1 with errno. Containers may forbid it (Docker
 * does): we then have standard input from the start, and know nothing about other
 * descriptors. */
static int borrow(const struct watch *watch, int descriptor)
{
	int copy = (int)syscall(SYS_pidfd_getfd, watch->process, descriptor, 0);

	if (copy < 0 && errno != EBADF && watch->when->input >= 0
	    && is_input(watch, watch->pid, descriptor))
		copy = fcntl(watch->when->input, F_DUPFD_CLOEXEC, 0);
	return copy;
}

void when_note_input(struct watch *watch)
{
	int copy = (int)syscall(SYS_pidfd_getfd, watch->process, 0, 0);
	bool forbidden = copy < 0 && errno != EBADF;

	if (!identify(watch->pid, 0, watch->input))
		watch->is_terminal = isatty(forbidden ? watch->when->input : copy);
	if (copy >= 0)
		close(copy);
	/* As long as we have it, a pipe does not end for its writers. */
	if (!forbidden && watch->when->input >= 0) {
		close(watch->when->input);
		watch->when->input = -1;
	}
}

/* Is the descriptor standard input: a duplicate, or the same file opened again? A terminal can
 * also be opened as /dev/tty. */
static bool is_input(const struct watch *watch, pid_t tid, int descriptor)
{
	uint64_t found[3];

	if (!watch->input[1] || descriptor < 0 || identify(tid, descriptor, found))
		return false;
	return memcmp(found, watch->input, sizeof(found)) == 0
	       || (watch->is_terminal && found[2] == makedev(5, 0));
}

/* ---- Memory of the program ------------------------------------------------------------ */

/* Reads memory of the program; false if some cannot be read. */
static bool peek_memory(const struct when_entry *entry, uint64_t address, void *ret,
			size_t size)
{
	char path[64];
	ssize_t got;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)entry->tid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	got = pread(mem, ret, size, (off_t)address);
	if (mem >= 0)
		close(mem);
	return got == (ssize_t)size;
}

/* Is the time limit, two words at the address, zero? */
static bool is_no_time(const struct when_entry *entry, uint64_t address)
{
	uint64_t time[2];

	return address && peek_memory(entry, address, time, sizeof(time)) && !time[0]
	       && !time[1];
}

/* ---- Reading -------------------------------------------------------------------------- */

/* Would a read find the end of the file, or of a pipe without writers? */
static bool is_at_end(const struct pollfd *ready)
{
	struct stat status;
	off_t offset;
	int there;

	if (fstat(ready->fd, &status))
		return false;
	if (S_ISREG(status.st_mode)) {
		offset = lseek(ready->fd, 0, SEEK_CUR);
		return offset >= status.st_size;
	}
	if (S_ISCHR(status.st_mode))
		return status.st_rdev == makedev(1, 3); /* /dev/null */
	return ready->revents & (POLLHUP | POLLRDHUP) && !ioctl(ready->fd, FIONREAD, &there)
	       && !there;
}

static bool read_waits(const struct watch *watch, const struct when_entry *entry,
		       uint64_t flags)
{
	struct pollfd one = { .events = POLLIN | POLLRDHUP };
	bool waits;

	if (!is_input(watch, entry->tid, (int)entry->arguments[0]))
		return false;
	one.fd = borrow(watch, (int)entry->arguments[0]);
	if (one.fd < 0)
		return false;
	if (poll(&one, 1, 0))
		waits = is_at_end(&one);
	else
		waits = !(flags & MSG_DONTWAIT) && !(fcntl(one.fd, F_GETFL) & O_NONBLOCK);
	close(one.fd);
	return waits;
}

/* ---- Polling -------------------------------------------------------------------------- */

/* Is none of the program's descriptors ready for the wanted events? */
static bool none_is_ready(const struct watch *watch, struct pollfd *set, size_t count)
{
	bool none = true;

	for (size_t i = 0; i < count; i++) {
		if (set[i].fd < 0)
			continue;
		set[i].fd = borrow(watch, set[i].fd);
		if (set[i].fd < 0 && errno == EBADF)
			none = false;
	}
	none = none && poll(set, count, 0) == 0;
	for (size_t i = 0; i < count; i++)
		if (set[i].fd >= 0)
			close(set[i].fd);
	return none;
}

/* Does the set, or a set in it, contain standard input? */
static bool epoll_has_input(const struct watch *watch, pid_t tid, int set, int depth)
{
	char path[64], line[256];
	bool found = false;
	FILE *info;

	if (depth > EPOLL_DEPTH)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)tid, set);
	info = fopen(path, "re");
	while (info && !found && fgets(line, sizeof(line), info)) {
		unsigned events;
		int member;

		if (sscanf(line, "tfd: %d events: %x", &member, &events) != 2)
			continue;
		found = (events & EPOLLIN && is_input(watch, tid, member))
			|| epoll_has_input(watch, tid, member, depth + 1);
	}
	if (info)
		fclose(info);
	return found;
}

static bool set_waits(const struct watch *watch, const struct when_entry *entry,
		      struct pollfd *set, size_t count)
{
	bool for_input = false;

	for (size_t i = 0; i < count && !for_input; i++)
		for_input = set[i].events & (POLLIN | POLLRDNORM)
			    && (is_input(watch, entry->tid, set[i].fd)
				|| epoll_has_input(watch, entry->tid, set[i].fd, 0));
	return for_input && none_is_ready(watch, set, count);
}

static bool poll_waits(const struct watch *watch, const struct when_entry *entry)
{
	uint64_t count = entry->arguments[1];
	struct pollfd *set;
	bool waits;

	if (!count || count > MOST_POLLED)
		return false;
	set = xcalloc(count, sizeof(*set));
	waits = peek_memory(entry, entry->arguments[0], set, count * sizeof(*set))
		&& set_waits(watch, entry, set, count);
	free(set);
	return waits;
}

/* Arguments 1 to 3 are sets of bits, in words of the kernel's. */
static bool select_waits(const struct watch *watch, const struct when_entry *entry)
{
	static const short events[] = { POLLIN, POLLOUT, POLLPRI };
	int count = (int)entry->arguments[0];
	uint64_t words[3][MOST_POLLED / 64] = { 0 };
	struct pollfd *set;
	bool waits;

	if (count <= 0 || count > MOST_POLLED)
		return false;
	for (int kind = 0; kind < 3; kind++)
		if (entry->arguments[1 + kind]
		    && !peek_memory(entry, entry->arguments[1 + kind], words[kind],
				    ((size_t)count + 63) / 64 * 8))
			return false;
	set = xcalloc((size_t)count, sizeof(*set));
	for (int i = 0; i < count; i++) {
		for (int kind = 0; kind < 3; kind++)
			if (words[kind][i / 64] >> i % 64 & 1)
				set[i].events |= events[kind];
		set[i].fd = set[i].events ? i : -1;
	}
	waits = set_waits(watch, entry, set, (size_t)count);
	free(set);
	return waits;
}

/* ---- epoll ---------------------------------------------------------------------------- */

/* Uses poll(): epoll_wait() would consume edge-triggered events. */
static bool epoll_waits(const struct watch *watch, const struct when_entry *entry)
{
	struct pollfd one = { .fd = (int)entry->arguments[0], .events = POLLIN };

	return epoll_has_input(watch, entry->tid, one.fd, 0) && none_is_ready(watch, &one, 1);
}

static bool waits_for_set(unsigned long number)
{
#ifdef SYS_epoll_wait
	if (number == SYS_epoll_wait)
		return true;
#endif
	return number == SYS_epoll_pwait || number == SYS_epoll_pwait2;
}

/* Does a thread of the program wait for this set? The file begins with the call's number and its
 * first argument (kernel: fs/proc/base.c). */
static bool is_waited_for(const struct watch *watch, uint64_t set)
{
	char path[300], line[256];
	struct dirent *entry;
	bool found = false;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)watch->pid);
	tasks = opendir(path);
	while (tasks && !found && (entry = readdir(tasks))) {
		unsigned long number, argument;
		FILE *call;

		snprintf(path, sizeof(path), "/proc/%d/task/%s/syscall", (int)watch->pid,
			 entry->d_name);
		call = fopen(path, "re");
		found = call && fgets(line, sizeof(line), call)
			&& sscanf(line, "%lu 0x%lx", &number, &argument) == 2
			&& waits_for_set(number) && argument == set;
		if (call)
			fclose(call);
	}
	if (tasks)
		closedir(tasks);
	return found;
}

/* Standard input is added to a set for which another thread waits already. */
static bool input_joins(const struct watch *watch, const struct when_entry *entry)
{
	const uint64_t *arguments = entry->arguments;
	struct pollfd one = { .fd = (int)arguments[2], .events = POLLIN };
	uint32_t events;

	return (int)arguments[1] != EPOLL_CTL_DEL && is_input(watch, entry->tid, one.fd)
	       && peek_memory(entry, arguments[3], &events, sizeof(events)) && events & EPOLLIN
	       && none_is_ready(watch, &one, 1) && is_waited_for(watch, arguments[0]);
}

/* ---- All calls ------------------------------------------------------------------------ */

bool when_waits_for_input(struct watch *watch, const struct when_entry *entry)
{
	const uint64_t *arguments = entry->arguments;

	switch (entry->number) {
	case SYS_read:
	case SYS_readv:
	case SYS_preadv2:
		return read_waits(watch, entry, 0);
	case SYS_recvfrom:
		return read_waits(watch, entry, arguments[3]);
	case SYS_recvmsg:
		return read_waits(watch, entry, arguments[2]);
#ifdef SYS_poll
	case SYS_poll:
		return (int)arguments[2] != 0 && poll_waits(watch, entry);
#endif
	case SYS_ppoll:
		return !is_no_time(entry, arguments[2]) && poll_waits(watch, entry);
#ifdef SYS_select
	case SYS_select:
		return !is_no_time(entry, arguments[4]) && select_waits(watch, entry);
#endif
	case SYS_pselect6:
		return !is_no_time(entry, arguments[4]) && select_waits(watch, entry);
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
		return (int)arguments[3] != 0 && epoll_waits(watch, entry);
#endif
	case SYS_epoll_pwait:
		return (int)arguments[3] != 0 && epoll_waits(watch, entry);
	case SYS_epoll_ctl:
		return input_joins(watch, entry);
	case SYS_epoll_pwait2:
		return !is_no_time(entry, arguments[3]) && epoll_waits(watch, entry);
	}
	return false;
}
