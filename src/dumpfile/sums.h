/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checksums of a dump: of each piece of memory, of the restarter's code and plan, and of
 * the image's text. They are in a section of their own after that text; a start of the dump does
 * not read them.
 *
 *   struct sums_head
 *   struct sum          pieces of memory, in the order of the file
 *   …
 *   struct sum          code, plan, text
 *
 * They detect accidental damage. Whoever changes a dump on purpose can change them, too.
 */
#ifndef DUMPFILE_SUMS_H
#define DUMPFILE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define SUMS_SECTION ".unexec.sums"
#define SUMS_MAGIC UINT64_C(0x736d757378656e75) /* "unexsums" */
#define SUMS_VERSION 1

/* Values of `source` that are not addresses; no page begins there. */
enum { SUM_CODE = 1, SUM_PLAN, SUM_TEXT };

struct sum {
	uint64_t address; /* at which the kernel maps the piece at start */
	uint64_t source;  /* its address in the process, or SUM_… */
	uint32_t length;
	uint32_t prot;
	uint64_t value;   /* XXH3, 64 bits */
};
_Static_assert(sizeof(struct sum) == 32, "sum");

struct sums_head {
	uint64_t magic;
	uint32_t version;
	uint32_t count; /* of the struct sums that follow */
	uint64_t value; /* checksum of those */
};
_Static_assert(sizeof(struct sums_head) == 24, "sums_head");

struct sums {
	struct sum *list;
	size_t count, room;
};

uint64_t sums_value(const void *bytes, size_t length);
/* The same of bytes in a file. Returns 0, or -1 with errno; errno is 0 if the file ends
 * before. */
int sums_file_value(int fd, uint64_t offset, uint64_t length, uint64_t *ret_value);

/* Adds a checksum, whose value may be set later. */
void sums_add(struct sums *sums, const struct sum *sum);
void sums_free(struct sums *sums);

/* sums_store returns this many bytes, which the caller frees. */
size_t sums_size(const struct sums *sums);
void *sums_store(const struct sums *sums);

/* Reads the bytes that sums_store has made. Returns -1 for any others and leaves *ret_sums
 * unchanged. */
int sums_parse(const void *bytes, size_t length, struct sums *ret_sums);

#endif
