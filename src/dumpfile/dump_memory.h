/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the memory that a dump contains, by the addresses that it has in the program.
 */
#ifndef DUMPFILE_DUMP_MEMORY_H
#define DUMPFILE_DUMP_MEMORY_H

#include "image/image.h"

struct report;
struct dump_memory;

/* `image` is the dump's. The file stays the caller's, and open. NULL with an error in the report:
 * VERSION if another version of the layout has placed the bytes, and those of
 * layout_compute(). */
struct dump_memory *dump_memory_open(int fd, const struct image *image, struct report *report);
void dump_memory_close(struct dump_memory *memory);

/* Reads `length` bytes at `address`; those that the dump does not contain are zero. 0, or -1 with
 * errno; errno is 0 if the file is truncated. */
int dump_memory_read(const struct dump_memory *memory, uint64_t address, void *buffer,
		     size_t length);

#endif
