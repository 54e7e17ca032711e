/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checksums of a dump, as they are stored.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "dumpfile/sums.h"

#include "base/xalloc.h"

/* What fits in the CPU's cache. */
#define PART (UINT64_C(512) << 10)

uint64_t sums_value(const void *bytes, size_t length)
{
	return XXH3_64bits(bytes, length);
}

/* Reads what fits; 0 at the end of the file, -1 with errno. */
static ssize_t read_part(int fd, void *buffer, uint64_t length, uint64_t offset)
{
	ssize_t n;

	do
		n = pread(fd, buffer, length < PART ? length : PART, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n;
}

int sums_file_value(int fd, uint64_t offset, uint64_t length, uint64_t *ret_value)
{
	XXH3_state_t *state = XXH3_createState();
	char *buffer;
	ssize_t n = 1;

	if (!state)
		return -1;
	buffer = xmalloc(PART);
	XXH3_64bits_reset(state);
	for (; length > 0; length -= (uint64_t)n, offset += (uint64_t)n) {
		n = read_part(fd, buffer, length, offset);
		if (n <= 0)
			break;
		XXH3_64bits_update(state, buffer, (size_t)n);
	}
	*ret_value = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	free(buffer);
	if (n == 0)
		errno = 0;
	return n > 0 ? 0 : -1;
}

void sums_add(struct sums *sums, const struct sum *sum)
{
	xgrow(sums->list, sums->count, sums->room);
	sums->list[sums->count++] = *sum;
}

void sums_free(struct sums *sums)
{
	free(sums->list);
	*sums = (struct sums){ 0 };
}

size_t sums_size(const struct sums *sums)
{
	return sizeof(struct sums_head) + sums->count * sizeof(*sums->list);
}

void *sums_store(const struct sums *sums)
{
	size_t length = sums->count * sizeof(*sums->list);
	struct sums_head head = {
		.magic = SUMS_MAGIC,
		.version = SUMS_VERSION,
		.count = (uint32_t)sums->count,
		.value = sums_value(sums->list, length),
	};
	char *bytes = xmalloc(sizeof(head) + length);

	memcpy(bytes, &head, sizeof(head));
	if (length)
		memcpy(bytes + sizeof(head), sums->list, length);
	return bytes;
}

int sums_parse(const void *bytes, size_t length, struct sums *ret_sums)
{
	const char *list = (const char *)bytes + sizeof(struct sums_head);
	struct sums_head head;

	if (length < sizeof(head))
		return -1;
	memcpy(&head, bytes, sizeof(head));
	length -= sizeof(head);
	if (head.magic != SUMS_MAGIC || head.version != SUMS_VERSION
	    || length != head.count * sizeof(struct sum)
	    || sums_value(list, length) != head.value)
		return -1;
	*ret_sums = (struct sums){ xmemdup(list, length), head.count, head.count };
	return 0;
}
