/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bulk of a dump: memory goes from the process to the file in chunks that fit in the
 * CPU's cache. Each page is looked at once, for zeros, for the TIDs of the process and for
 * its stack canary.
 *
 *   buffer:  | head |            chunk            | tail |
 *
 * Head and tail are the bytes around the chunk, so that a lock that straddles its border is
 * seen whole. They are not written.
 *
 * What cannot be seeked gets the plan's segment before the mends in memory are known, unless
 * memory is looked at first. So there are three passes: one that does both, one that looks,
 * one that sends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "writer/stream.h"

#include "arch_tool.h"
#include "libc/guards.h"
#include "libc/locks.h"
#include "base/xalloc.h"

#define CHUNK (UINT64_C(512) << 10)
#define MARGIN (LOCKS_MARGIN * sizeof(uint32_t))

/* What is scanned at once and becomes a hole when it is zero: no page is smaller. */
#define BLOCK UINT64_C(4096)
#define BLOCK_WORDS (BLOCK / sizeof(uint32_t))

/* So much is written before the kernel is told to begin with it: the caller's fsync then
 * finds most of it done. */
#define WRITEBACK (UINT64_C(16) << 20)

/* TIDs up to this are too common as numbers: what looks like a lock may be none. */
#define COMMON_NUMBER 2

struct chunk {
	uint64_t address, length, offset;
	bool locks;    /* are there locks to be looked for? */
	bool guards;   /* and words of the canary's value? */
};

static bool is_looked_at(const struct chunk *chunk)
{
	return chunk->locks || chunk->guards;
}

/* What a block that must be looked at more closely has a word of. */
struct wanted {
	uint32_t bias; /* word + bias <= limit, as signed numbers, for all TIDs: */
	int32_t limit;
	uint32_t canary; /* the low half */
};

struct stream {
	int fd;
	struct capture *capture;
	const struct layout *layout;
	struct sum *sum; /* of the chunk; NULL in a pass that makes none */
	struct report *report;
	const char *what; /* the pass, for those who wait */
	bool only_look;   /* skips what there is nothing to be looked for in */
	/* Does what the pass is for; the chunk is in the buffer. */
	int (*take)(struct stream *stream, const struct chunk *chunk);
	uint64_t done, all; /* bytes of the pass */
	unsigned char *buffer;
	uint64_t chunk_end; /* in the process, of what the buffer holds */

	struct locks_context locks;
	struct guards guards;
	struct wanted wanted;

	uint64_t written_start, written_end; /* in the file, not yet given to the disk */
	uint64_t sent; /* to a pipe */
};

struct facts {
	uint32_t nonzero, tid, canary;
};

/* One pass over a block. The compiler makes it vector code: the count is constant, the
 * body has no branch; one signed comparison tells whether a word is in the range of the
 * TIDs, since SSE2 has no unsigned one. */
static struct facts scan_block(const uint32_t *words, struct wanted wanted)
{
	uint32_t nonzero = 0, tid = 0, canary = 0;

	for (size_t i = 0; i < BLOCK_WORDS; i++) {
		nonzero |= words[i];
		tid |= (int32_t)(words[i] + wanted.bias) <= wanted.limit ? UINT32_MAX : 0;
		canary |= words[i] == wanted.canary ? UINT32_MAX : 0;
	}
	return (struct facts){ nonzero, tid, canary };
}

/* Maps the range from the lowest to the highest TID to that from INT32_MIN upward. */
static void prepare_tids(struct stream *stream, const struct image *image)
{
	uint32_t low = UINT32_MAX, high = 0;

	if (!image->thread_tids || image->thread_count == 0)
		return;
	stream->locks.tids = image->thread_tids;
	stream->locks.count = image->thread_count;
	for (size_t i = 0; i < image->thread_count; i++) {
		low = image->thread_tids[i] < low ? image->thread_tids[i] : low;
		high = image->thread_tids[i] > high ? image->thread_tids[i] : high;
	}
	stream->wanted.bias = UINT32_C(0x80000000) - low;
	stream->wanted.limit = (int32_t)(high + stream->wanted.bias);
}

static void prepare_guards(struct stream *stream)
{
	stream->guards = guards_find(stream->capture, stream->report);
	stream->wanted.canary = (uint32_t)stream->guards.canary;
}

static void found_lock(void *arg, const struct lock *lock)
{
	struct stream *stream = arg;
	uint32_t tid = stream->locks.tids[lock->thread];

	if (lock->robust && !locks_is_listed(stream->capture, lock))
		return;
	if (tid <= COMMON_NUMBER) {
		report_add(stream->report, UNEXEC_WARNING, UNEXEC_CODE_MUTEX, 0, lock->start,
			   lock->end,
			   "at 0x%llx is what looks like a lock held by thread %u, but that "
			   "number is too common to be sure; it is left as it is",
			   (unsigned long long)lock->start, tid);
		return;
	}
	for (uint32_t i = 0; i < lock->fixup_count; i++) {
		struct plan_fixup fixup = {
			.address = lock->fixups[i],
			.kind = PLAN_FIXUP_TID,
			.which = lock->thread,
		};

		image_add_fixup(stream->capture->image, &fixup);
	}
}

static void scan_locks(struct stream *stream, const struct chunk *chunk, uint64_t position)
{
	struct locks_window window = {
		.words = (const uint32_t *)(stream->buffer + position),
		.count = BLOCK_WORDS + 2 * LOCKS_MARGIN,
		.first = LOCKS_MARGIN,
		.last = LOCKS_MARGIN + BLOCK_WORDS,
		.address = chunk->address + position - MARGIN,
	};

	locks_scan(&window, &stream->locks, found_lock, stream);
}

/* Starts to write back; where that is not possible, fsync does all the work later. */
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
		report_errno(stream->report, WRITE, "writing the memory of the process");
		return -1;
	}
	write_back(stream, chunk->offset + start, end - start);
	return 0;
}

/* Looks at the block at `at` in the chunk for what needs a mend. Is there anything in it? */
static bool look_at_block(struct stream *stream, const struct chunk *chunk, uint64_t at)
{
	const unsigned char *bytes = stream->buffer + MARGIN;
	struct facts facts = scan_block((const uint32_t *)(bytes + at), stream->wanted);

	if (facts.tid && chunk->locks)
		scan_locks(stream, chunk, at);
	if (facts.canary && chunk->guards)
		guards_scan(&stream->guards, (const uint64_t *)(bytes + at),
			    BLOCK / sizeof(uint64_t), chunk->address + at);
	return facts.nonzero;
}

static int look_at_chunk(struct stream *stream, const struct chunk *chunk)
{
	for (uint64_t at = 0; at < chunk->length; at += BLOCK)
		look_at_block(stream, chunk, at);
	return 0;
}

/* Writes what is not zero in the chunk. */
static int write_chunk(struct stream *stream, const struct chunk *chunk)
{
	uint64_t run = 0; /* start of the run of nonzero blocks that ends at `at` */

	for (uint64_t at = 0; at < chunk->length; at += BLOCK) {
		if (look_at_block(stream, chunk, at))
			continue;
		if (write_run(stream, chunk, run, at) < 0)
			return -1;
		run = at + BLOCK;
	}
	return write_run(stream, chunk, run, chunk->length);
}

/* Reads MARGIN bytes around a chunk. What cannot be read is no part of a lock. */
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

	if (is_looked_at(chunk) && chunk->address == stream->chunk_end)
		memmove(stream->buffer, stream->buffer + CHUNK, MARGIN);
	else if (is_looked_at(chunk))
		read_margin(stream, chunk->address - MARGIN, stream->buffer);
	if (capture_read(stream->capture, chunk->address, bytes, chunk->length) < 0) {
		report_add(stream->report, UNEXEC_ERROR, UNEXEC_CODE_READ, errno,
			   chunk->address, end, "reading the memory of the process");
		return -1;
	}
	if (is_looked_at(chunk))
		read_margin(stream, end, bytes + chunk->length);
	/* Only behind a full chunk is the next head where memmove takes it from. */
	stream->chunk_end = chunk->length == CHUNK ? end : 0;
	return 0;
}

/* What may be in memory of the region. A word of the canary's value is of interest wherever the
 * process may have written it. */
static void tell_chunk(const struct stream *stream, const struct region *region,
		       struct chunk *chunk)
{
	bool private = region && !(region->flags & REGION_SHARED);
	bool writable = private && region->prot & PROT_WRITE;
	bool code = region && (region->prot & (PROT_WRITE | PROT_EXEC)) == PROT_EXEC;

	chunk->locks = writable && stream->locks.count > 0;
	chunk->guards = region && !code && stream->guards.has_canary;
}

/* Tells how much of the segment, from `done` on, is the next chunk: of one region, so that
 * it is clear what can be in it. */
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
	tell_chunk(stream, region, ret_chunk);
}

static int stream_segment(struct stream *stream, const struct segment *segment)
{
	struct chunk chunk;

	for (uint64_t at = 0; at < range_length(segment->range); at += chunk.length) {
		next_chunk(stream, segment, at, &chunk);
		if (stream->only_look && !is_looked_at(&chunk))
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

/* How much the pass will take. */
static uint64_t count_bytes(struct stream *stream)
{
	uint64_t all = 0;

	for (size_t i = 0; i < stream->layout->segment_count; i++) {
		const struct segment *segment = &stream->layout->segments[i];
		struct chunk chunk;

		for (uint64_t at = 0; at < range_length(segment->range); at += chunk.length) {
			next_chunk(stream, segment, at, &chunk);
			if (is_looked_at(&chunk) || !stream->only_look)
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
	int result;

	prepare_tids(&stream, capture->image);
	prepare_guards(&stream);
	result = run_pass(&stream);
	guards_decide(&stream.guards, capture, report);
	return result;
}

int stream_look(struct capture *capture, const struct layout *layout, struct report *report)
{
	struct stream stream = {
		.capture = capture,
		.layout = layout,
		.report = report,
		.what = "looking at memory",
		.only_look = true,
		.take = look_at_chunk,
	};
	int result;

	prepare_tids(&stream, capture->image);
	prepare_guards(&stream);
	result = run_pass(&stream);
	guards_decide(&stream.guards, capture, report);
	return result;
}

/* ---- To a pipe -------------------------------------------------------------------------- */

/* As far as there is no segment. */
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
		report_errno(stream->report, WRITE, "sending the dump");
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
	report_errno(report, WRITE, "sending the dump");
	return -1;
}
