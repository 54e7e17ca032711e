/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads and writes files and the memory of processes: all of the bytes, or an error.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads at `offset` up to the end of the file. Returns the number of bytes, which is `length`
 * unless the file ends before; -1 with errno. */
ssize_t io_read_some(int fd, void *buffer, size_t length, uint64_t offset);
/* Reads all of it at `offset`. Returns 0, or -1 with errno; errno is 0 if the file ends
 * before. */
int io_read_at(int fd, void *buffer, size_t length, uint64_t offset);
/* Writes all of it at `offset`. Returns 0, or -1 with errno. */
int io_write_at(int fd, const void *bytes, size_t length, uint64_t offset);
/* Writes all of it to a file that cannot be seeked. Returns 0, or -1 with errno. */
int io_send(int fd, const void *bytes, size_t length);

/* Makes a file without a name in the directory (NULL: $TMPDIR or /var/tmp), in memory if none can
 * be made there. Returns its descriptor, or -1 with errno. */
int io_make_nameless(const char *directory);

/* The same for /proc/PID/mem. The kernel transfers 0 bytes when the process is gone; errno is
 * ESRCH then. */
int io_read_memory(int mem, void *buffer, size_t length, uint64_t address);
int io_write_memory(int mem, const void *bytes, size_t length, uint64_t address);

#endif
