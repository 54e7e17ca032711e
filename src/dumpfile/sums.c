/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checksums of a dump, and the form in which they are stored.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "dumpfile/sums.h"

#include "base/io.h"
#include "base/xalloc.h"

/* Fits in the CPU's cache. */
#define PART (UINT64_C(512) << 10)

uint64_t sums_value(const void *bytes, size_t length)
{
	return XXH3_64bits(bytes, length);
}

int sums_file_value(int fd, uint64_t offset, uint64_t length, uint64_t *ret_value)
{
	XXH3_state_t *state = XXH3_createState();
	char *buffer;
	uint64_t part;
	int r = 0;

	if (!state)
		return -1;
	buffer = xmalloc(PART);
	XXH3_64bits_reset(state);
	for (; length > 0 && r == 0; length -= part, offset += part) {
		part = length < PART ? length : PART;
		r = io_read_at(fd, buffer, part, offset);
		if (r == 0)
			XXH3_64bits_update(state, buffer, part);
	}
	*ret_value = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	free(buffer);
	return r;
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
