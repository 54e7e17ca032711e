/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams the memory of the process into the segments of the dump.
 */
#ifndef WRITER_STREAM_H
#define WRITER_STREAM_H

#include "capture/capture.h"
#include "dumpfile/sums.h"
#include "layout/layout.h"

/* Adds a checksum to be for each piece of each segment. */
void stream_list(struct capture *capture, const struct layout *layout, struct sums *sums);

/* Writes the bytes of all segments, without those that are zero; adds a mend to the image for
 * each lock that a thread of it holds; sets the checksums that stream_list has added. 0, or
 * -1 with an error in the report. */
int stream_segments(int fd, struct capture *capture, const struct layout *layout,
		    struct sums *sums, struct report *report);

/* The same in two parts, for what cannot be seeked: adds the mends; sends the bytes from
 * layout->data_offset to data_end. */
int stream_look(struct capture *capture, const struct layout *layout, struct report *report);
int stream_send(int fd, struct capture *capture, const struct layout *layout,
		struct sums *sums, struct report *report);

#endif
