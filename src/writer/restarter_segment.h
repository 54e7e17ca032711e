/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The segment that a dump adds to the process's own:
 *
 *   restarter   code, then its plan
 *   text        of the image
 *   sums        checksums of all bytes of all segments
 */
#ifndef WRITER_RESTARTER_SEGMENT_H
#define WRITER_RESTARTER_SEGMENT_H

#include "capture/capture.h"
#include "dumpfile/sums.h"
#include "layout/layout.h"

struct restarter_segment {
	uint64_t address;
	unsigned char *restarter;
	uint64_t restarter_size;
	char *text;
	size_t text_size;
	struct sums sums;
	size_t sums_size; /* as stored */
};

/* Lists the checksums, without their values: pieces of memory, then what is in this segment. */
void restarter_segment_begin(struct restarter_segment *segment, struct capture *capture,
			     const struct layout *layout);
/* Builds all but the checksums, after memory has been scanned for fixups. Returns 0, or -1 with
 * an error in the report. */
int restarter_segment_build(struct restarter_segment *segment, const struct image *image,
			    const struct layout *layout, struct report *report);
void restarter_segment_free(struct restarter_segment *segment);

/* Return addresses, correct as far as the sizes are known. */
struct range restarter_segment_code(const struct restarter_segment *segment);
struct range restarter_segment_text(const struct restarter_segment *segment);
struct range restarter_segment_sums(const struct restarter_segment *segment);
struct range restarter_segment_all(const struct restarter_segment *segment);

/* Write to the file, in which the segment begins at `offset`. Return 0, or -1 with an error in
 * the report. The checksums come last, when all their values are known. */
int restarter_segment_write(const struct restarter_segment *segment, int fd, uint64_t offset,
			    struct report *report);
int restarter_segment_write_sums(const struct restarter_segment *segment, int fd,
				 uint64_t offset, struct report *report);

#endif
