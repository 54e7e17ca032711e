/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * io_uring descriptors: rings with nothing in flight. The kernel shows positions, registered
 * files and buffers in fdinfo (io_uring/fdinfo.c), and gives the memory to processes that map
 * the descriptor. It does not report how a ring was set up. The flags that change the format of
 * the memory are found out:
 *
 *   IORING_SETUP_SQPOLL      SqThread is not -1
 *   IORING_SETUP_CQE32       the listed completion has "extra1"
 *   IORING_SETUP_NO_SQARRAY  no submission is listed, though there is one
 *   IORING_SETUP_SQE128      the listed submission has "e0"; else by the size of the memory
 *
 * IORING_SETUP_SUBMIT_ALL is always set. The other flags never are: without IOPOLL,
 * SINGLE_ISSUER, DEFER_TASKRUN, COOP_TASKRUN and the like, a ring can do at least what it can
 * do with them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"
#include "base/bytes.h"
#include "base/xalloc.h"

#ifndef IORING_SETUP_SQE128
#define IORING_SETUP_SQE128 (1U << 10) /* since 5.19, as CQE32 */
#define IORING_SETUP_CQE32 (1U << 11)
#endif
#ifndef IORING_SETUP_SUBMIT_ALL
#define IORING_SETUP_SUBMIT_ALL (1U << 7) /* since 5.18 */
#endif
#define SETUP_NO_SQARRAY (1U << 16) /* since 6.6 */
#define REGISTER_PBUF_STATUS 26     /* since 6.8 */
#define BUFFER_GROUPS 65536

#define MISSING UINT64_MAX

/* A no-op request costs 0.15 µs: a start takes at most 2.5 s longer. */
#define MOST_REQUESTS (UINT32_C(1) << 24)

/* The kernel does not report how long SQPOLL's thread waits for requests before it sleeps.
 * libuv sets this number of milliseconds. */
#define IDLE_MS 10

/* fdinfo is truncated while a thread uses the ring. */
#define TRIES 200

struct ring {
	struct descriptors *all;
	const struct descriptor *descriptor;
	struct io_uring_params params; /* of a new ring of its kind */
	uint32_t sq_entries, cq_entries, setup;
	uint32_t count; /* of requests; each has had its completion */
	struct plan_ring_layout layout;
	unsigned char *rings, *entries; /* its memory, mapped in this process */
};

/* ---- fdinfo ----------------------------------------------------------------------------- */

char *ring_info(struct descriptors *all, const struct descriptor *descriptor)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0;; i++) {
		char *info = fdinfo_read(all->process, all->process->handoff.fds.proc,
					     descriptor->number);

		if (strstr(info, "CqOverflowList:") || i == TRIES)
			return info;
		free(info);
		nanosleep(&pause, NULL);
	}
}

char *ring_info_list(char *info, const char *title)
{
	size_t length = strlen(title);
	char *line = info;

	while (line && (strncmp(line, title, length) || line[length] != ':')) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	line = line ? strchr(line, '\n') : NULL;
	return line && line[1] == ' ' ? line + 1 : NULL;
}

static uint32_t fdinfo_word(const char *info, const char *key)
{
	return (uint32_t)fdinfo_number(info, key, 'd', 0);
}

/* Requests have one completion each, so nothing is in flight if there are as many completions
 * as requests. Requests with several completions or none (multishot, IOSQE_CQE_SKIP_SUCCESS)
 * break this count, and such a ring never looks idle. */
static const char *check_idle(struct ring *ring, char *info)
{
	ring->count = fdinfo_word(info, "CachedSqHead");
	ring->sq_entries = (uint32_t)fdinfo_number(info, "SqMask", 'x', 0) + 1;
	ring->cq_entries = (uint32_t)fdinfo_number(info, "CqMask", 'x', 0) + 1;
	if (fdinfo_number(info, "SqThread", 'd', MISSING) != MISSING)
		ring->setup |= IORING_SETUP_SQPOLL;
	if (fdinfo_number(info, "CachedSqHead", 'd', MISSING) == MISSING
	    || fdinfo_number(info, "CachedCqTail", 'd', MISSING) == MISSING
	    || !strstr(info, "CqOverflowList:"))
		return "an io_uring about which this kernel reports too little";
	if (ring_info_list(info, "CqOverflowList"))
		return "an io_uring with more completions than it has room for";
	if (ring_info_list(info, "Personalities"))
		return "an io_uring with credentials registered";
	if (ring_info_list(info, "PollList") || fdinfo_word(info, "CachedCqTail") != ring->count
	    || fdinfo_word(info, "CqTail") != ring->count)
		return "an io_uring with requests in flight";
	if (ring->setup & IORING_SETUP_SQPOLL && fdinfo_word(info, "SqTail") != ring->count)
		return "an io_uring with requests in flight";
	if (ring->count > MOST_REQUESTS)
		return "an io_uring that has had too many requests to restore their count";
	return NULL;
}

/* ---- System calls ----------------------------------------------------------------------- */

/* Tries to register from address 0. The kernel reports an existing registration (EBUSY) before
 * it reports the address (EFAULT). */
static long register_nowhere(const struct ring *ring, unsigned opcode)
{
	return syscall(SYS_io_uring_register, ring->descriptor->fd, opcode, NULL, 1) ? errno : 0;
}

static const char *check_buffers(const struct ring *ring)
{
	uint32_t status[10] = { 0 };

	for (uint32_t group = BUFFER_GROUPS; group--;) {
		status[0] = group;
		if (syscall(SYS_io_uring_register, ring->descriptor->fd, REGISTER_PBUF_STATUS,
			    status, 1) == 0)
			return "an io_uring with buffers provided";
		if (errno == EINVAL && group == BUFFER_GROUPS - 1) {
			report_note(ring->all->process->report, IO_URING,
				    "descriptor %d, an io_uring, has no buffer rings in the "
				    "dump: this kernel does not report whether there are any",
				    ring->descriptor->number);
			return NULL;
		}
		if (errno == EINVAL)
			return "an io_uring with buffers provided";
	}
	return NULL;
}

static const char *check_registered(const struct ring *ring)
{
	if (syscall(SYS_io_uring_enter, ring->descriptor->fd, 0, 0, 0, NULL, 0) && errno == EBADFD)
		return "an io_uring that is not enabled yet";
	switch (register_nowhere(ring, IORING_REGISTER_EVENTFD)) {
	case EFAULT:
		return check_buffers(ring);
	case EBUSY:
		return "an io_uring with an eventfd registered, which the kernel does not "
		       "identify";
	case EACCES:
		return "an io_uring with restrictions";
	case EEXIST: /* IORING_SETUP_SINGLE_ISSUER */
		descriptor_warn(ring->all, ring->descriptor,
				"only one thread can query its registrations; an eventfd or "
				"buffer rings are not in the dump");
		return NULL;
	}
	return "an io_uring whose registrations cannot be queried";
}

/* Gets the parameters of a new ring of that kind, and closes the ring at once. */
static int ask_parameters(struct ring *ring)
{
	int fd = -1;

	/* Kernels before 5.18 have no SUBMIT_ALL. */
	for (int i = 0; fd < 0 && i < 2; i++) {
		memset(&ring->params, 0, sizeof(ring->params));
		ring->params.flags = (ring->setup & ~IORING_SETUP_SQPOLL) | IORING_SETUP_CQSIZE
				     | (i ? 0 : IORING_SETUP_SUBMIT_ALL);
		ring->params.cq_entries = ring->cq_entries;
		fd = (int)syscall(SYS_io_uring_setup, ring->sq_entries, &ring->params);
	}
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* ---- The format ------------------------------------------------------------------------- */

static void *map_part(const struct ring *ring, uint64_t size, off_t offset)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			    ring->descriptor->fd, offset);

	return memory == MAP_FAILED ? NULL : memory;
}

static uint32_t *word_at(const struct ring *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring->rings + offset);
}

/* fdinfo lists the entries between head and tail. If there are none, this function makes one of
 * each for the moment, by words that the kernel writes but does not read. The process does not
 * run at that time. */
static char *list_one(struct ring *ring)
{
	uint32_t *sq_head = word_at(ring, ring->params.sq_off.head);
	uint32_t *sq_tail = word_at(ring, ring->params.sq_off.tail);
	uint32_t *cq_head = word_at(ring, ring->params.cq_off.head);
	uint32_t *cq_tail = word_at(ring, ring->params.cq_off.tail);
	bool no_request = *sq_head == *sq_tail, no_completion = *cq_head == *cq_tail;
	char *info;

	__atomic_sub_fetch(sq_head, no_request, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(cq_tail, no_completion, __ATOMIC_SEQ_CST);
	info = ring_info(ring->all, ring->descriptor);
	__atomic_add_fetch(sq_head, no_request, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(cq_tail, no_completion, __ATOMIC_SEQ_CST);
	return info;
}

static bool is_in_line(const char *line, const char *word)
{
	const char *found = line ? strstr(line, word) : NULL;

	return found && found < strchrnul(line, '\n');
}

/* Returns whether submission entries have 128 bytes instead of 64. Maps twice the 64-byte size.
 * Kernels before 6.14 refuse that if the entries have 64 bytes. Later kernels accept it, but leave
 * the excess without pages, so a system call that reads there fails with EFAULT. If the 64-byte
 * size is no multiple of the page size, only nonzero bytes in the second half show 128. */
static bool has_wide_entries(const struct ring *ring)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t narrow = ring->sq_entries * sizeof(struct io_uring_sqe);
	unsigned char *memory = map_part(ring, 2 * narrow, IORING_OFF_SQES);
	bool found = false;

	if (!memory)
		return false;
	if (narrow % page == 0)
		found = epoll_ctl(-1, EPOLL_CTL_MOD, -1, (void *)(memory + narrow)) && errno == EBADF;
	for (uint64_t i = narrow; narrow % page && i < 2 * narrow; i++)
		found |= memory[i];
	munmap(memory, 2 * narrow);
	return found;
}

static const char *find_format(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const char *request, *completion;
	char *info;

	if (ask_parameters(ring))
		return "an io_uring, which this system no longer permits";
	ring->rings = map_part(ring, page, IORING_OFF_SQ_RING);
	if (!ring->rings)
		return "an io_uring in the program's own memory";
	info = list_one(ring);
	munmap(ring->rings, page);
	ring->rings = NULL;
	request = ring_info_list(info, "SQEs");
	completion = ring_info_list(info, "CQEs");
	if (is_in_line(completion, "extra1:"))
		ring->setup |= IORING_SETUP_CQE32;
	if (!is_in_line(request, "opcode:"))
		ring->setup |= SETUP_NO_SQARRAY;
	if (request ? is_in_line(request, " e0:") : has_wide_entries(ring))
		ring->setup |= IORING_SETUP_SQE128;
	free(info);
	return completion ? NULL : "an io_uring that cannot be examined";
}

/* ---- The memory ------------------------------------------------------------------------- */

static void find_layout(struct ring *ring)
{
	const struct io_uring_params *params = &ring->params;
	struct plan_ring_layout *layout = &ring->layout;
	bool wide = ring->setup & IORING_SETUP_CQE32;

	_Static_assert(sizeof(params->sq_off) == sizeof(layout->submission), "io_sqring_offsets");
	_Static_assert(sizeof(params->cq_off) == sizeof(layout->completion), "io_cqring_offsets");
	memcpy(layout->submission, &params->sq_off, sizeof(params->sq_off));
	memcpy(layout->completion, &params->cq_off, sizeof(params->cq_off));
	layout->size = params->cq_off.cqes
		       + ((uint64_t)ring->cq_entries * sizeof(struct io_uring_cqe) << wide);
	if (!(ring->setup & SETUP_NO_SQARRAY))
		layout->size = params->sq_off.array + (uint64_t)ring->sq_entries * 4;
	layout->entries_size = (uint64_t)ring->sq_entries * sizeof(struct io_uring_sqe)
			       << !!(ring->setup & IORING_SETUP_SQE128);
}

static const char *map_ring_memory(struct ring *ring)
{
	if (ask_parameters(ring))
		return "an io_uring, which this system no longer permits";
	find_layout(ring);
	ring->rings = map_part(ring, ring->layout.size, IORING_OFF_SQ_RING);
	ring->entries = map_part(ring, ring->layout.entries_size, IORING_OFF_SQES);
	if (!ring->rings || !ring->entries
	    || *word_at(ring, ring->params.sq_off.ring_mask) != ring->sq_entries - 1
	    || *word_at(ring, ring->params.cq_off.ring_mask) != ring->cq_entries - 1)
		return "an io_uring whose memory is not as expected";
	return NULL;
}

static void unmap_ring_memory(struct ring *ring)
{
	if (ring->rings)
		munmap(ring->rings, ring->layout.size);
	if (ring->entries)
		munmap(ring->entries, ring->layout.entries_size);
}

static void append_ring_bytes(struct messages *data, const void *bytes, size_t length)
{
	while (data->length + length > data->room)
		data->bytes = xgrow_bytes(data->bytes, data->room, &data->room, 1);
	memcpy(data->bytes + data->length, bytes, length);
	data->length += length;
}

/* Appends the runs of blocks that are not all zeros. */
static void append_ring_pieces(struct messages *data, const unsigned char *memory,
			       uint64_t start, uint64_t end, uint64_t base)
{
	const uint64_t block = sizeof(struct io_uring_sqe);

	while (start < end) {
		struct plan_ring_piece piece = { .offset = base + start };
		uint64_t at = start, step;

		for (; at < end; at += step) {
			step = end - at < block ? end - at : block;
			if (bytes_are_zero(memory + at, step))
				break;
		}
		piece.length = at - start;
		if (piece.length) {
			append_ring_bytes(data, &piece, sizeof(piece));
			append_ring_bytes(data, memory + start, piece.length);
		}
		start = at + (end - at < block ? end - at : block);
	}
}

/* Saves all memory except the word of flags by which the kernel requests actions from the
 * program: the new ring has its own. */
static void add_ring(const struct ring *ring)
{
	struct plan_file plan = descriptor_plan(ring->descriptor, PLAN_FD_RING);
	uint32_t flags = ring->params.sq_off.flags;
	struct messages data = { 0 };

	plan.ring.flags = ring->params.flags | (ring->setup & IORING_SETUP_SQPOLL);
	plan.ring.entries = ring->sq_entries;
	plan.ring.completions = ring->cq_entries;
	plan.ring.idle = ring->setup & IORING_SETUP_SQPOLL ? IDLE_MS : 0;
	plan.ring.count = ring->count;
	append_ring_bytes(&data, &ring->layout, sizeof(ring->layout));
	append_ring_pieces(&data, ring->rings, 0, flags, IORING_OFF_SQ_RING);
	append_ring_pieces(&data, ring->rings, flags + 4, ring->layout.size,
			   IORING_OFF_SQ_RING);
	append_ring_pieces(&data, ring->entries, 0, ring->layout.entries_size, IORING_OFF_SQES);
	plan.length = (uint32_t)data.length;
	image_add_file(ring->all->process->capture.image, &plan, NULL, data.bytes);
	free(data.bytes);
}

const char *descriptor_add_io_uring(struct descriptors *all, struct descriptor *descriptor)
{
	struct ring ring = { .all = all, .descriptor = descriptor };
	char *info = ring_info(all, descriptor);
	const char *what = check_idle(&ring, info);

	free(info);
	if (!what)
		what = check_registered(&ring);
	if (!what)
		what = find_format(&ring);
	if (!what)
		what = map_ring_memory(&ring);
	if (!what) {
		add_ring(&ring);
		objects_add_mapped(all->process, descriptor->number, &descriptor->status,
				   PLAN_FD_MAP_RING);
	}
	unmap_ring_memory(&ring);
	return what;
}
