/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks whether a file is a dump and unchanged. Parts that tools such as strip may change
 * (section headers, symbols) are checked only as far as they are needed to find the rest.
 */
#ifndef DUMPFILE_VERIFY_H
#define DUMPFILE_VERIFY_H

#include "image/image.h"
#include "base/report.h"

/* Facts about the file. */
struct verified {
	struct image *image; /* from its text; NULL if that cannot be read */
	uint64_t lowest;     /* lowest address that the kernel maps at start; 0: unknown */
	struct range plan, sums; /* in the file */
	uint64_t plan_address;   /* of the plan, at start */
};

/* Reads the whole file, which may be anything and may be forged. Returns 0, or -1 with an error
 * in the report (FORMAT, READ) for each piece that has changed. The caller frees *ret_verified
 * in either case. */
int verify_whole(int fd, struct verified *ret_verified, struct report *report);
void verified_free(struct verified *verified);

#endif
