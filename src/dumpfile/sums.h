/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checksums of a dump: of each piece of memory, of the restarter's code and plan, and of
 * the image's text. They lie in a section of their own behind that text and are not looked
 * at when the dump starts.
 *
 *   struct sums_head
 *   struct sum          pieces of memory, as they follow each other in the file
 *   …
 *   struct sum          code, plan, text
 *
 * They find what was damaged by accident. Who changes a dump on purpose changes them, too.
 */
#ifndef DUMPFILE_SUMS_H
#define DUMPFILE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define SUMS_SECTION ".unexec.sums"
#define SUMS_MAGIC UINT64_C(0x736d757378656e75) /* "unexsums" */
#define SUMS_VERSION 1

/* In place of a source: no page begins there. */
enum { SUM_CODE = 1, SUM_PLAN, SUM_TEXT };

struct sum {
	uint64_t address; /* where the kernel maps the piece at start */
	uint64_t source;  /* where it was in the process, or what it is */
	uint32_t length;
	uint32_t prot;
	uint64_t value;   /* XXH3, 64 bits */
};
_Static_assert(sizeof(struct sum) == 32, "sum");

struct sums_head {
	uint64_t magic;
	uint32_t version;
	uint32_t count; /* of struct sum behind it */
	uint64_t value; /* of these */
};
_Static_assert(sizeof(struct sums_head) == 24, "sums_head");

struct sums {
	struct sum *list;
	size_t count, room;
};

uint64_t sums_value(const void *bytes, size_t length);
/* The same of bytes in a file. 0, or -1 with errno; 0 there: the file ends before. */
int sums_file_value(int fd, uint64_t offset, uint64_t length, uint64_t *ret_value);

/* Adds one without a value, which may come later. */
void sums_add(struct sums *sums, const struct sum *sum);
void sums_free(struct sums *sums);

/* How many bytes sums_store makes of them; to be freed. */
size_t sums_size(const struct sums *sums);
void *sums_store(const struct sums *sums);

/* Reads what sums_store made. Anything else gives -1 and leaves *ret_sums alone. */
int sums_parse(const void *bytes, size_t length, struct sums *ret_sums);

#endif
