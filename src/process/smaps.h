/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/smaps: the mappings of a process as the kernel describes them.
 */
#ifndef PROCESS_SMAPS_H
#define PROCESS_SMAPS_H

#include <stdbool.h>
#include <stdio.h>

#include "image/image.h"

/* What smaps says of a mapping beyond what an image keeps. */
struct smaps_entry {
	struct range range;
	struct range whole; /* the mapping, of which the range may be made a part */
	uint32_t prot, flags; /* as in struct region */
	uint64_t offset;
	uint64_t device_number, inode; /* of the file; as stat() has them */
	char *name; /* owned by the reader, good until the next call */
	bool shared;      /* rwxs: may be read-only for good, see below */
	bool writable_file; /* "sh": of a descriptor that allows writing */
	bool device, huge, shadow_stack, userfault, droppable;
	unsigned protection_key;
	uint64_t swapped; /* bytes; of shared memory: all of the object's that is mapped here */
	uint64_t resident; /* bytes: Rss, Swap, huge pages; 0: nothing was ever touched */
};

struct smaps_reader {
	FILE *stream;
	char *line; /* the head of the next entry, if any */
	size_t room;
	char *name;
	bool have_line;
	unsigned line_number;
};

/* Takes the stream over; smaps_close closes it. */
void smaps_open(struct smaps_reader *reader, FILE *stream);
void smaps_close(struct smaps_reader *reader);

/* Reads the next entry: 1, 0 at the end, -1 for what is no entry or is cut short
 * (EBADMSG) or a read error, with errno. */
int smaps_next(struct smaps_reader *reader, struct smaps_entry *ret);

#endif
