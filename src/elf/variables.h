/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where variables are whose names are known: libc's, mostly.
 */
#ifndef ELF_VARIABLES_H
#define ELF_VARIABLES_H

#include "capture/capture.h"

struct variable {
	const char *name;  /* NULL ends a list */
	uint64_t *address; /* 0 until it is found, and if it is not there */
};

/* Looks for the variables in the program, and then in its libraries. */
void variables_find(struct capture *capture, const struct variable *wanted);

#endif
