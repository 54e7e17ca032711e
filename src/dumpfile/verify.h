/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is a file a dump that is as it was written? What tools such as strip may change (section
 * headers, symbols) is not looked at beyond what is needed to find the rest.
 */
#ifndef DUMPFILE_VERIFY_H
#define DUMPFILE_VERIFY_H

#include "image/image.h"
#include "base/report.h"

/* What is known of the file then. */
struct verified {
	struct image *image; /* as its text says; NULL if that cannot be read */
	uint64_t lowest;     /* the first address that the kernel maps at start; 0: unknown */
	struct range plan, sums; /* where in the file these are */
	uint64_t plan_address;   /* and where the plan is mapped at start */
};

/* Reads all of the file, which may be any at all, forged by whoever. 0, or -1 with an error in
 * the report (FORMAT, READ) for each piece that is not as it was. *ret_verified is to be freed
 * in either case. */
int verify_whole(int fd, struct verified *ret_verified, struct report *report);
void verified_free(struct verified *verified);

#endif
