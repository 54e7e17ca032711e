/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads and writes files and the memory of processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"

ssize_t io_read_some(int fd, void *buffer, size_t length, uint64_t offset)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = pread(fd, (char *)buffer + done, length - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int read_exactly(int fd, void *buffer, size_t length, uint64_t offset, int error_at_end)
{
	ssize_t n = io_read_some(fd, buffer, length, offset);

	if (n >= 0 && (size_t)n < length)
		errno = error_at_end;
	return n >= 0 && (size_t)n == length ? 0 : -1;
}

int io_read_at(int fd, void *buffer, size_t length, uint64_t offset)
{
	return read_exactly(fd, buffer, length, offset, 0);
}

int io_make_nameless(const char *directory)
{
	int fd;

	if (!directory)
		directory = getenv("TMPDIR");
	if (!directory || !*directory)
		directory = "/var/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : memfd_create("unexec", MFD_CLOEXEC);
}

int io_read_memory(int mem, void *buffer, size_t length, uint64_t address)
{
	return read_exactly(mem, buffer, length, address, ESRCH);
}

static int write_exactly(int fd, const void *bytes, size_t length, uint64_t offset,
			 int error_at_end)
{
	const char *from = bytes;

	while (length > 0) {
		ssize_t n = pwrite(fd, from, length, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : error_at_end;
			return -1;
		}
		from += n;
		offset += (uint64_t)n;
		length -= (size_t)n;
	}
	return 0;
}

int io_write_at(int fd, const void *bytes, size_t length, uint64_t offset)
{
	return write_exactly(fd, bytes, length, offset, ENOSPC);
}

int io_write_memory(int mem, const void *bytes, size_t length, uint64_t address)
{
	return write_exactly(mem, bytes, length, address, ESRCH);
}

int io_send(int fd, const void *bytes, size_t length)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	const char *from = bytes;

	while (length > 0) {
		ssize_t n = write(fd, from, length);

		if (n < 0 && errno == EAGAIN)
			poll(&wait, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -1;
		if (n < 0)
			continue;
		from += n;
		length -= (size_t)n;
	}
	return 0;
}
