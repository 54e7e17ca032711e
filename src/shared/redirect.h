/* SPDX-License-Identifier: MIT
 *
 * The data of the code that stays in a dump (src/redirect), which the writer fills in.
 */
#ifndef SHARED_REDIRECT_H
#define SHARED_REDIRECT_H

#include <stdint.h>

#define REDIRECT_MAGIC UINT64_C(0x7463657269646572) /* "redirect" */
#define REDIRECT_VERSION 1

enum redirect_kind {
	REDIRECT_ANONYMOUS = 0, /* anonymous in the process, lazily mapped from the dump's file */
	REDIRECT_FILE = 1       /* a private mapping of another file, now of the dump's */
};

#define REDIRECT_ADVICE 7

/* Memory that the kernel maps from the dump's file. Sorted by address, not overlapping. The
 * code only ever moves `start` up and `end` down; a range that is used up has start >= end. */
struct redirect_range {
	uint64_t start, end;
	uint8_t kind;
	uint8_t advice[REDIRECT_ADVICE]; /* madvise() values that the mapping has; 0: none */
};
_Static_assert(sizeof(struct redirect_range) == 24, "redirect_range");

struct redirect_table {
	uint64_t magic;
	uint64_t version;
	uint64_t entry;  /* of the code: where stubs call it */
	uint64_t ranges; /* the address of the first */
	uint64_t count;
};

#endif
