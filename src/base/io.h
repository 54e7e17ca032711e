/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files: all of the bytes, or an error.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <stdint.h>

/* Writes all of it at `offset`. 0, or -1 with errno. */
int io_write_at(int fd, const void *bytes, size_t length, uint64_t offset);
/* Writes all of it to what cannot be seeked. 0, or -1 with errno. */
int io_send(int fd, const void *bytes, size_t length);

#endif
