/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a layout as an ELF executable, with sections, symbols and the restarter.
 *
 *   0     ELF header
 *   64    program headers
 *         segments' bytes                  layout->data_offset .. layout->data_end
 *         restarter, plan, image's text, checksums
 *                                          one segment, page-aligned
 *         .symtab .strtab .shstrtab
 *         section headers
 */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "capture/capture.h"
#include "dumpfile/sums.h"
#include "layout/layout.h"

/* Writes the executable to `fd`, an empty regular file opened O_RDWR. Memory passes through a
 * buffer of less than 1 MB; pages of zeros become holes. Does not sync the file. Adds the
 * fixups that it finds (for locks) to the image. Returns 0, or -1 with errors in the report
 * (READ, WRITE, NO_ROOM, SEGMENTS). */
int writer_write(int fd, struct capture *capture, const struct layout *layout,
		 struct report *report);

/* Writes the same bytes in order to `fd`, which need not be a regular file; *ret_size is their
 * number. Reads writable memory twice, so memory must not change until this returns. Sends
 * nothing until all except memory is known. */
int writer_send(int fd, struct capture *capture, const struct layout *layout,
		struct report *report, uint64_t *ret_size);

#endif
