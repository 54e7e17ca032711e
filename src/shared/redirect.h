/* SPDX-License-Identifier: MIT
 *
 * The data of the code that stays in a dump (src/redirect). The writer fills it in.
 */
#ifndef SHARED_REDIRECT_H
#define SHARED_REDIRECT_H

#include <stdint.h>

#define REDIRECT_MAGIC UINT64_C(0x7463657269646572) /* "redirect" */
#define REDIRECT_VERSION 1

enum redirect_kind {
	REDIRECT_ANONYMOUS = 0, /* anonymous in the process; mapped from the dump's file */
	REDIRECT_FILE = 1       /* of another file in the process; now of the dump's file */
};

#define REDIRECT_ADVICE 7

/* Memory that the kernel maps from the dump's file, sorted by address, without overlaps. The
 * code only increases `start` and decreases `end`; an empty range has start >= end. */
struct redirect_range {
	uint64_t start, end;
	uint8_t kind;
	uint8_t advice[REDIRECT_ADVICE]; /* madvise() values of the mapping; 0: none */
};
_Static_assert(sizeof(struct redirect_range) == 24, "redirect_range");

struct redirect_table {
	uint64_t magic;
	uint64_t version;
	uint64_t entry;  /* of the code: stubs call it */
	uint64_t ranges; /* the first range's address */
	uint64_t count;
};

#endif
