/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bulk of a dump: memory goes from the process to the file in chunks that fit in the CPU's
 * cache. Each page is visited once: blocks of zeros become holes, and all others are passed to
 * libc's scan for words that need a fixup.
 *
 *   buffer:  | head |            chunk            | tail |
 *
 * Head and tail are bytes around the chunk that the scan also reads. They are not written.
 *
 * In a pipe the plan precedes memory, so all fixups must be known first. There are three passes
 * therefore: one scans and writes, one only scans, one only sends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/xalloc.h"
#include "libc/libc.h"
#include "writer/stream.h"

#define CHUNK (UINT64_C(512) << 10)
#define MARGIN LIBC_SCAN_MARGIN

/* The unit of scanning and of holes. No machine has smaller pages. */
#define BLOCK UINT64_C(4096)
_Static_assert(BLOCK == LIBC_SCAN_BLOCK, "blocks are scanned as they are written");

/* Writeback starts after each such amount, so that the caller's fsync finds most of it done. */
#define WRITEBACK (UINT64_C(16) << 20)

struct chunk {
	uint64_t address, length, offset;
	unsigned wanted; /* libc_scan_wanted(); 0: it is not scanned */
};

struct stream {
	int fd;
	struct capture *capture;
	const struct layout *layout;
	struct sum *sum; /* of the chunk; NULL in a pass that makes none */
	struct report *report;
	const char *what;       /* name of the pass, for progress reports */
	struct libc_scan *scan; /* NULL in a pass that does not scan */
	bool only_scan;         /* skips chunks that are not scanned */
	/* The work of the pass on a chunk, which is in the buffer. */
	int (*take)(struct stream *stream, const struct chunk *chunk);
	uint64_t done, all; /* bytes of the pass */
	unsigned char *buffer;
	uint64_t chunk_end; /* in the process, of what the buffer holds */
	uint64_t written_start, written_end; /* in the file, writeback not yet started */
	uint64_t sent; /* to a pipe */
};

/* If the file system cannot start writeback now, fsync does all of it later. */
static void write_back(struct stream *stream, uint64_t offset, uint64_t length)
{
	if (stream->written_end == stream->written_start)
		stream->written_start = offset;
	stream->written_end = offset + length;
	if (stream->written_end - stream->written_start < WRITEBACK)
		return;
	(void)sync_file_range(stream->fd, (off_t)stream->written_start,
			      (off_t)(stream->written_end - stream->written_start),
			      SYNC_FILE_RANGE_WRITE);
	stream->written_start = stream->written_end;
}

/* Writes the blocks [start, end) of the chunk. */
static int write_run(struct stream *stream, const struct chunk *chunk, uint64_t start,
		     uint64_t end)
{
	if (start == end)
		return 0;
	if (io_write_at(stream->fd, stream->buffer + MARGIN + start, end - start,
			    chunk->offset + start) < 0) {
		report_errno(stream->report, WRITE, "cannot write the memory of the process");
		return -1;
	}
	write_back(stream, chunk->offset + start, end - start);
	return 0;
}

static bool is_zero_block(const struct stream *stream, uint64_t at)
{
	return bytes_are_zero(stream->buffer + MARGIN + at, BLOCK);
}

static void scan_block(struct stream *stream, const struct chunk *chunk, uint64_t at)
{
	if (chunk->wanted)
		libc_scan_block(stream->scan, chunk->wanted, stream->buffer + MARGIN + at,
				chunk->address + at);
}

/* Neither a TID nor a canary is zero. */
static int scan_chunk(struct stream *stream, const struct chunk *chunk)
{
	for (uint64_t at = 0; at < chunk->length; at += BLOCK)
		if (!is_zero_block(stream, at))
			scan_block(stream, chunk, at);
	return 0;
}

/* Writes runs of blocks that are not zero. */
static int write_chunk(struct stream *stream, const struct chunk *chunk)
{
	uint64_t run = 0; /* start of the run of nonzero blocks that ends at `at` */

	for (uint64_t at = 0; at < chunk->length; at += BLOCK) {
		if (!is_zero_block(stream, at)) {
			scan_block(stream, chunk, at);
			continue;
		}
		if (write_run(stream, chunk, run, at) < 0)
			return -1;
		run = at + BLOCK;
	}
	return write_run(stream, chunk, run, chunk->length);
}

/* Reads head or tail; zeros where nothing is mapped. */
static void read_margin(struct stream *stream, uint64_t address, void *buffer)
{
	if (!image_find(stream->capture->image, address)
	    || capture_read(stream->capture, address, buffer, MARGIN) < 0)
		memset(buffer, 0, MARGIN);
}

static int read_chunk(struct stream *stream, const struct chunk *chunk)
{
	unsigned char *bytes = stream->buffer + MARGIN;
	uint64_t end = chunk->address + chunk->length;

	if (chunk->wanted && chunk->address == stream->chunk_end)
		memmove(stream->buffer, stream->buffer + CHUNK, MARGIN);
	else if (chunk->wanted)
		read_margin(stream, chunk->address - MARGIN, stream->buffer);
	if (capture_read(stream->capture, chunk->address, bytes, chunk->length) < 0) {
		report_add(stream->report, UNEXEC_ERROR, UNEXEC_CODE_READ, errno,
			   chunk->address, end, "cannot read the memory of the process");
		return -1;
	}
	if (chunk->wanted)
		read_margin(stream, end, bytes + chunk->length);
	/* memmove takes the next head from the end of a full chunk only. */
	stream->chunk_end = chunk->length == CHUNK ? end : 0;
	return 0;
}

/* The next chunk of the segment, from `done` on. It lies in one region, which determines what it
 * is scanned for. */
static void next_chunk(struct stream *stream, const struct segment *segment, uint64_t done,
		       struct chunk *ret_chunk)
{
	uint64_t address = segment->source + done;
	uint64_t length = range_length(segment->range) - done;
	const struct region *region = image_find(stream->capture->image, address);

	if (region && region->range.end - address < length)
		length = region->range.end - address;
	ret_chunk->address = address;
	ret_chunk->length = length < CHUNK ? length : CHUNK;
	ret_chunk->offset = segment->offset + done;
	ret_chunk->wanted = stream->scan ? libc_scan_wanted(stream->scan, region) : 0;
}

static int stream_segment(struct stream *stream, const struct segment *segment)
{
	struct chunk chunk;

	for (uint64_t at = 0; at < range_length(segment->range); at += chunk.length) {
		next_chunk(stream, segment, at, &chunk);
		if (stream->only_scan && !chunk.wanted)
			continue;
		if (read_chunk(stream, &chunk) < 0 || stream->take(stream, &chunk) < 0)
			return -1;
		if (stream->sum)
			stream->sum++->value = sums_value(stream->buffer + MARGIN,
							  chunk.length);
		stream->done += chunk.length;
		report_progress(stream->report, stream->what, stream->done, stream->all);
	}
	return 0;
}

/* Returns how many bytes the pass will visit. */
static uint64_t count_bytes(struct stream *stream)
{
	uint64_t all = 0;

	for (size_t i = 0; i < stream->layout->segment_count; i++) {
		const struct segment *segment = &stream->layout->segments[i];
		struct chunk chunk;

		for (uint64_t at = 0; at < range_length(segment->range); at += chunk.length) {
			next_chunk(stream, segment, at, &chunk);
			if (chunk.wanted || !stream->only_scan)
				all += chunk.length;
		}
	}
	return all;
}

static int run_pass(struct stream *stream)
{
	int r = 0;

	stream->all = count_bytes(stream);
	stream->buffer = xmalloc(CHUNK + 2 * MARGIN);
	for (size_t i = 0; i < stream->layout->segment_count && r == 0; i++)
		r = stream_segment(stream, &stream->layout->segments[i]);
	free(stream->buffer);
	return r;
}

static int run_scanning_pass(struct stream *stream)
{
	int result;

	stream->scan = libc_scan_begin(stream->capture, stream->report);
	result = run_pass(stream);
	libc_scan_end(stream->scan);
	return result;
}

void stream_list(struct capture *capture, const struct layout *layout, struct sums *sums)
{
	struct stream stream = { .capture = capture, .layout = layout };
	struct chunk chunk;

	for (size_t i = 0; i < layout->segment_count; i++) {
		const struct segment *segment = &layout->segments[i];

		for (uint64_t at = 0; at < range_length(segment->range); at += chunk.length) {
			next_chunk(&stream, segment, at, &chunk);
			sums_add(sums, &(struct sum){
				.address = segment->range.start + at,
				.source = chunk.address,
				.length = (uint32_t)chunk.length,
				.prot = segment->prot,
			});
		}
	}
}

int stream_segments(int fd, struct capture *capture, const struct layout *layout,
		    struct sums *sums, struct report *report)
{
	struct stream stream = {
		.fd = fd,
		.capture = capture,
		.layout = layout,
		.sum = sums->list,
		.report = report,
		.what = "writing",
		.take = write_chunk,
	};

	return run_scanning_pass(&stream);
}

int stream_scan(struct capture *capture, const struct layout *layout, struct report *report)
{
	struct stream stream = {
		.capture = capture,
		.layout = layout,
		.report = report,
		.what = "scanning memory",
		.only_scan = true,
		.take = scan_chunk,
	};

	return run_scanning_pass(&stream);
}

/* ---- To a pipe -------------------------------------------------------------------------- */

/* Fills the gap in front of a segment. */
static int send_zeros(struct stream *stream, uint64_t offset)
{
	static const char zeros[BLOCK];

	while (stream->sent < offset) {
		uint64_t part = offset - stream->sent;

		part = part < sizeof(zeros) ? part : sizeof(zeros);
		if (io_send(stream->fd, zeros, part) < 0)
			return -1;
		stream->sent += part;
	}
	return 0;
}

static int send_chunk(struct stream *stream, const struct chunk *chunk)
{
	if (send_zeros(stream, chunk->offset) < 0
	    || io_send(stream->fd, stream->buffer + MARGIN, chunk->length) < 0) {
		report_errno(stream->report, WRITE, "cannot send the dump");
		return -1;
	}
	stream->sent += chunk->length;
	return 0;
}

int stream_send(int fd, struct capture *capture, const struct layout *layout,
		struct sums *sums, struct report *report)
{
	struct stream stream = {
		.fd = fd,
		.capture = capture,
		.layout = layout,
		.sum = sums->list,
		.report = report,
		.what = "sending",
		.take = send_chunk,
		.sent = layout->data_offset,
	};

	if (run_pass(&stream) < 0)
		return -1;
	if (send_zeros(&stream, layout->data_end) == 0)
		return 0;
	report_errno(report, WRITE, "cannot send the dump");
	return -1;
}
