/* SPDX-License-Identifier: MIT
 *
 * The block that the kernel passes to a new process on its stack: argc, argv, envp, auxv,
 * strings.
 */
#ifndef RESTARTER_BLOCK_H
#define RESTARTER_BLOCK_H

#include "base.h"

struct block {
	uint64_t start, end; /* end: the top of the kernel's stack */
	uint64_t argc;
	uint64_t argv, envp, auxv; /* addresses of the arrays */
	uint64_t auxv_size;        /* bytes, with AT_NULL */
	uint64_t arg_start, arg_end, env_start, env_end;
};

/* Reads the block that the kernel has put on its stack. */
void block_read(struct block *block, uint64_t stack);

/* Copies it to `address` and adjusts all pointers into it. */
void block_copy(struct block *block, uint64_t address);

/* The value of an entry of the auxiliary vector, for reading and writing. NULL: no such
 * entry. */
uint64_t *block_auxv(const struct block *block, uint64_t type);

/* The value of an environment variable. NULL: it is not set, or the process has more rights
 * than its starter (AT_SECURE), so that the environment is not trusted. */
const char *block_variable(const struct block *block, const char *name);

#endif
