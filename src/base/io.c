/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files: all of the bytes, or an error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"

int io_write_at(int fd, const void *bytes, size_t length, uint64_t offset)
{
	const char *from = bytes;

	while (length > 0) {
		ssize_t n = pwrite(fd, from, length, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : ENOSPC;
			return -1;
		}
		from += n;
		offset += (uint64_t)n;
		length -= (size_t)n;
	}
	return 0;
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
