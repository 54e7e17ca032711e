/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Compressed cores, in the formats of systemd-coredump: zstd, or lz4 on older systems. They are
 * unpacked into a nameless file, with holes in place of zeros.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "arch_machine.h"
#include "sources/core/core.h"
#include "base/bytes.h"
#include "base/io.h"
#include "base/xalloc.h"

#define CHUNK ((size_t)256 << 10)

/* By default, systemd stores at most 32 GB. A file that unpacks to more than this was made to
 * keep us busy. */
#define SIZE_LIMIT (UINT64_C(1) << 40)

struct unpacker {
	const char *name;
	struct report *report;
	int to;
	uint64_t size;
	unsigned char *in, *out;
	/* One step: consumes `in` and produces `out`. Returns nonzero while more of a frame is
	 * to come, 0 at its end, and a negative value with *ret_why on errors. */
	int (*step)(struct unpacker *unpacker, size_t *in_size, size_t *out_size,
		    const char **ret_why);
	void *state;
};

static int step_zstd(struct unpacker *unpacker, size_t *in_size, size_t *out_size,
		     const char **ret_why)
{
	ZSTD_inBuffer in = { unpacker->in, *in_size, 0 };
	ZSTD_outBuffer out = { unpacker->out, *out_size, 0 };
	size_t more = ZSTD_decompressStream(unpacker->state, &out, &in);

	if (ZSTD_isError(more)) {
		*ret_why = ZSTD_getErrorName(more);
		return -1;
	}
	*in_size = in.pos;
	*out_size = out.pos;
	return more != 0;
}

static int step_lz4(struct unpacker *unpacker, size_t *in_size, size_t *out_size,
		    const char **ret_why)
{
	size_t more = LZ4F_decompress(unpacker->state, unpacker->out, out_size, unpacker->in,
				      in_size, NULL);

	if (LZ4F_isError(more)) {
		*ret_why = LZ4F_getErrorName(more);
		return -1;
	}
	return more != 0;
}

/* ---- Output ---------------------------------------------------------------------------- */

/* Pages of zeros become holes. */
static int put(struct unpacker *unpacker, size_t length)
{
	for (size_t at = 0, step; at < length; at += step) {
		step = ARCH_PAGE_MIN - (unpacker->size + at) % ARCH_PAGE_MIN;
		if (step > length - at)
			step = length - at;
		if (!bytes_are_zero(unpacker->out + at, step)
		    && io_write_at(unpacker->to, unpacker->out + at, step,
				       unpacker->size + at)) {
			report_errno(unpacker->report, WRITE, "cannot unpack %s",
				     unpacker->name);
			return -1;
		}
	}
	unpacker->size += length;
	if (unpacker->size <= SIZE_LIMIT)
		return 0;
	report_error(unpacker->report, FORMAT, "%s holds more than any process",
		     unpacker->name);
	return -1;
}

/* Unpacks `size` bytes in the buffer. Returns 1 in the middle of a frame, 0 at its end, -1 on
 * errors. */
static int unpack_chunk(struct unpacker *unpacker, size_t size)
{
	unsigned char *buffer = unpacker->in;
	size_t at = 0, taken, given = 0;
	const char *why;
	int more = 1;

	/* After the last input, output may still be to come; but after the end of a frame,
	 * asking for more would begin a new frame. */
	while (at < size || (more && given == CHUNK)) {
		taken = size - at;
		given = CHUNK;
		unpacker->in = buffer + at;
		more = unpacker->step(unpacker, &taken, &given, &why);
		unpacker->in = buffer;
		if (more < 0) {
			report_error(unpacker->report, FORMAT,
				     "the compressed core %s is damaged: %s", unpacker->name,
				     why);
			return -1;
		}
		if (put(unpacker, given))
			return -1;
		at += taken;
		if (!taken && !given)
			break;
	}
	return more;
}

static int unpack_all(struct unpacker *unpacker, int from)
{
	off_t at = 0, all = lseek(from, 0, SEEK_END);
	ssize_t got;
	int more = 1;

	while ((got = pread(from, unpacker->in, CHUNK, at)) > 0) {
		more = unpack_chunk(unpacker, (size_t)got);
		if (more < 0)
			return -1;
		at += got;
		report_progress(unpacker->report, "unpacking", (uint64_t)at, (uint64_t)all);
	}
	if (got < 0)
		report_errno(unpacker->report, READ, "cannot read %s", unpacker->name);
	else if (more)
		report_error(unpacker->report, FORMAT, "the compressed core %s is truncated",
			     unpacker->name);
	else if (ftruncate(unpacker->to, (off_t)unpacker->size))
		report_errno(unpacker->report, WRITE, "cannot unpack %s", unpacker->name);
	else
		return 0;
	return -1;
}

/* ---- All of it ------------------------------------------------------------------------- */

static int unpack(struct unpacker *unpacker, int *fd)
{
	int r = -1;

	unpacker->to = io_make_nameless(NULL);
	if (unpacker->to < 0) {
		report_errno(unpacker->report, WRITE, "cannot unpack %s", unpacker->name);
		return -1;
	}
	unpacker->in = xmalloc(CHUNK);
	unpacker->out = xmalloc(CHUNK);
	r = unpack_all(unpacker, *fd);
	free(unpacker->in);
	free(unpacker->out);
	if (r) {
		close(unpacker->to);
		return -1;
	}
	close(*fd);
	*fd = unpacker->to;
	return 0;
}

static int unpack_zstd(struct unpacker *unpacker, int *fd)
{
	int r;

	unpacker->step = step_zstd;
	unpacker->state = ZSTD_createDStream();
	if (!unpacker->state) {
		report_error(unpacker->report, MEMORY, "out of memory for zstd");
		return -1;
	}
	r = unpack(unpacker, fd);
	ZSTD_freeDStream(unpacker->state);
	return r;
}

static int unpack_lz4(struct unpacker *unpacker, int *fd)
{
	LZ4F_dctx *state;
	int r;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&state, LZ4F_VERSION))) {
		report_error(unpacker->report, MEMORY, "out of memory for lz4");
		return -1;
	}
	unpacker->step = step_lz4;
	unpacker->state = state;
	r = unpack(unpacker, fd);
	LZ4F_freeDecompressionContext(state);
	return r;
}

int core_unpack(int *fd, const char *name, struct report *report)
{
	static const struct {
		unsigned char magic[6];
		size_t length;
		const char *program; /* to suggest; NULL: see unpack */
		int (*unpack)(struct unpacker *unpacker, int *fd);
	} kinds[] = {
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, NULL, unpack_zstd },
		{ { 0x04, 0x22, 0x4d, 0x18 }, 4, NULL, unpack_lz4 },
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, "unxz", NULL },
		{ { 0x1f, 0x8b }, 2, "gunzip", NULL },
		{ { 'B', 'Z', 'h' }, 3, "bunzip2", NULL },
	};
	struct unpacker unpacker = { .name = name, .report = report };
	unsigned char magic[6] = { 0 };

	if (pread(*fd, magic, sizeof(magic), 0) < 0) {
		report_errno(report, READ, "cannot read %s", name);
		return -1;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (memcmp(magic, kinds[i].magic, kinds[i].length))
			continue;
		if (kinds[i].unpack)
			return kinds[i].unpack(&unpacker, fd);
		report_error(report, FORMAT, "%s is compressed; unpack it with %s first", name,
			     kinds[i].program);
		return -1;
	}
	return 0;
}
