/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams the memory of the process into the segments of the dump.
 */
#ifndef WRITER_STREAM_H
#define WRITER_STREAM_H

#include "capture/capture.h"
#include "dumpfile/sums.h"
#include "layout/layout.h"

/* Adds a checksum, without its value, for each piece of each segment. */
void stream_list(struct capture *capture, const struct layout *layout, struct sums *sums);

/* Writes all segments to a file, except blocks of zeros. Adds the fixups that libc's scan finds
 * to the image, and sets the checksums that stream_list has added. Returns 0, or -1 with an
 * error in the report. */
int stream_segments(int fd, struct capture *capture, const struct layout *layout,
		    struct sums *sums, struct report *report);

/* The same in two steps, for pipes: stream_scan adds the fixups, stream_send writes the bytes
 * from layout->data_offset to data_end and sets the checksums. */
int stream_scan(struct capture *capture, const struct layout *layout, struct report *report);
int stream_send(int fd, struct capture *capture, const struct layout *layout,
		struct sums *sums, struct report *report);

#endif
