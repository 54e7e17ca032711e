/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/smaps: the mappings of a process as the kernel describes them.
 */
#ifndef PROCESS_SMAPS_H
#define PROCESS_SMAPS_H

#include <stdbool.h>
#include <stdio.h>

#include "image/image.h"

/* A mapping, with facts that an image does not contain. */
struct smaps_entry {
	struct range range;
	struct range whole; /* the whole mapping, if `range` has been made a part of it */
	uint32_t prot, flags; /* as in struct region */
	uint64_t offset;
	uint64_t device_number, inode; /* of the file; as stat() has them */
	char *name; /* owned by the reader, good until the next call */
	bool shared;      /* rwxs; may never become writable: see writable_file */
	bool writable_file; /* "sh": mapped through a descriptor that allows writing */
	bool device, huge, shadow_stack, userfault, droppable;
	unsigned protection_key;
	uint64_t swapped; /* bytes; for shared memory: of all of the object that is mapped
			   * here */
	uint64_t resident; /* bytes: Rss, Swap, huge pages; 0: no page was ever touched */
};

struct smaps_reader {
	FILE *stream;
	char *line; /* the head of the next entry, if any */
	size_t room;
	char *name;
	bool have_line;
	unsigned line_number;
};

/* The reader owns the stream; smaps_close closes it. */
void smaps_open(struct smaps_reader *reader, FILE *stream);
void smaps_close(struct smaps_reader *reader);

/* Reads the next entry: 1, 0 at the end, -1 with errno on a read error, or for malformed or
 * truncated input (EBADMSG). */
int smaps_next(struct smaps_reader *reader, struct smaps_entry *ret);

#endif
