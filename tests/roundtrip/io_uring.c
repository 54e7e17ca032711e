/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An io_uring with no request in flight works in the dump: the same positions, entries and
 * completions, in each format; registered resources; epoll sets that watch it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../lib/ring.h"

static const struct {
	uint32_t entries, flags;
	unsigned used;
} kinds[] = {
	{ 8, 0, 0 },
	{ 8, 0, 5 },
	{ 4, 0, 1237 },
	{ 256, RING_NO_SQARRAY, 300 },
	{ 256, RING_NO_SQARRAY, 0 },
	{ 8, RING_SQE128, 11 },
	{ 8, RING_CQE32, 21 },
	{ 64, RING_SQE128 | RING_CQE32 | RING_NO_SQARRAY, 3 },
	{ 8, RING_SQE128 | RING_NO_SQARRAY, 13 },
	{ 64, IORING_SETUP_SQPOLL, 70 },
	{ 8, RING_SINGLE_ISSUER | RING_DEFER_TASKRUN, 6 },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

struct all {
	struct ring rings[KINDS];
	bool has[KINDS];
	struct ring waiting, registered;
	int set, copy, pair[2], file;
	char *buffer;
};

/* Completions that are not yet reaped and entries that are not yet submitted are preserved. */
static void leave_waiting(struct ring *ring)
{
	ring_next(ring, IORING_OP_NOP, 71);
	ring_next(ring, IORING_OP_NOP, 72);
	ring_submit(ring, 2);
	ring_next(ring, IORING_OP_NOP, 73);
	ring_publish(ring);
}

static void check_waiting(struct ring *ring)
{
	CHECK_EQUAL(ring_reap(ring, 71), 0);
	CHECK_EQUAL(ring_reap(ring, 72), 0);
	ring_submit(ring, 1);
	CHECK_EQUAL(ring_reap(ring, 73), 0);
}

static void open_registered(struct all *all)
{
	struct iovec buffers[2] = { { NULL, 4096 }, { NULL, 100 } };
	int files[3];

	CHECK(ring_open(&all->registered, 8, 0));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, all->pair));
	all->file = open("/proc/self/exe", O_RDONLY);
	CHECK(all->file > 2);
	files[0] = all->pair[0];
	files[1] = -1;
	files[2] = all->file;
	all->buffer = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	buffers[0].iov_base = all->buffer;
	buffers[1].iov_base = all->buffer + 4096;
	CHECK(!syscall(SYS_io_uring_register, all->registered.fd, IORING_REGISTER_FILES, files, 3));
	CHECK(!syscall(SYS_io_uring_register, all->registered.fd, IORING_REGISTER_BUFFERS, buffers,
		       2));
}

static void check_read(struct all *all, int file, unsigned buffer, size_t length)
{
	struct ring *ring = &all->registered;
	struct io_uring_sqe *entry = ring_next(ring, IORING_OP_READ_FIXED, 5);

	entry->fd = file;
	entry->flags = IOSQE_FIXED_FILE;
	entry->addr = (uint64_t)(uintptr_t)(all->buffer + buffer * 4096);
	entry->len = (uint32_t)length;
	entry->buf_index = (uint16_t)buffer;
	ring_submit(ring, 1);
	CHECK_EQUAL(ring_reap(ring, 5), length);
}

static void check_registered(struct all *all)
{
	memset(all->buffer, 'x', 8192);
	CHECK_EQUAL(write(all->pair[1], "by socket", 9), 9);
	check_read(all, 0, 1, 9);
	CHECK(!memcmp(all->buffer + 4096, "by socketx", 10));
	check_read(all, 2, 0, 4);
	CHECK(!memcmp(all->buffer, "\177ELFx", 5));
}

/* Makes a kernel thread do the request; that thread remains for a while. */
static void wake_worker(struct ring *ring)
{
	ring_next(ring, IORING_OP_NOP, 9)->flags = IOSQE_ASYNC;
	ring_submit(ring, 1);
	CHECK_EQUAL(ring_reap(ring, 9), 0);
}

static void watch(struct all *all, int i)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

	CHECK(!epoll_ctl(all->set, EPOLL_CTL_ADD, all->rings[i].fd, &event));
}

static void set_up(struct all *all)
{
	all->set = epoll_create1(0);
	for (size_t i = 0; i < KINDS; i++) {
		all->has[i] = ring_open(&all->rings[i], kinds[i].entries, kinds[i].flags);
		if (!all->has[i])
			continue;
		ring_use(&all->rings[i], kinds[i].used);
		if (!(kinds[i].flags & RING_DEFER_TASKRUN))
			watch(all, (int)i);
	}
	CHECK(ring_open(&all->waiting, 8, 0));
	ring_use(&all->waiting, 6);
	leave_waiting(&all->waiting);
	open_registered(all);
	wake_worker(&all->registered);
	all->copy = dup(all->rings[0].fd);
}

/* epoll reports the completions of a ring. */
static void check_ring(struct all *all, size_t i)
{
	struct ring *ring = &all->rings[i];
	struct epoll_event event;
	char text[4] = "";
	struct io_uring_sqe *entry;

	CHECK_EQUAL(*ring_word(ring, ring->params.sq_off.head), ring->submitted);
	CHECK_EQUAL(*ring_word(ring, ring->params.cq_off.tail), ring->reaped);
	CHECK_EQUAL(fcntl(ring->fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(epoll_wait(all->set, &event, 1, 0), 0);
	entry = ring_next(ring, IORING_OP_READ, 77 + i);
	entry->fd = all->file;
	entry->addr = (uint64_t)(uintptr_t)text;
	entry->len = 4;
	ring_submit(ring, 1);
	if (!(kinds[i].flags & RING_DEFER_TASKRUN)) {
		CHECK_EQUAL(epoll_wait(all->set, &event, 1, 10000), 1);
		CHECK_EQUAL(event.data.u32, i);
	}
	CHECK_EQUAL(ring_reap(ring, 77 + i), 4);
	CHECK(!memcmp(text, "\177ELF", 4));
	ring_use(ring, 2 * kinds[i].entries + 3);
}

static void check(struct all *all)
{
	for (size_t i = 0; i < KINDS; i++)
		if (all->has[i])
			check_ring(all, i);
	check_waiting(&all->waiting);
	check_registered(all);
	close(all->rings[0].fd);
	CHECK_EQUAL(dup3(all->copy, all->rings[0].fd, O_CLOEXEC), all->rings[0].fd);
	ring_use(&all->rings[0], 1);
}

int main(void)
{
	struct ring ring;
	struct all all;

	roundtrip_begin();
	if (!ring_open(&ring, 1, 0))
		roundtrip_skip("no io_uring here");
	ring_close(&ring);
	set_up(&all);
	roundtrip_cut();
	check(&all);
	leave_waiting(&all.waiting);
	roundtrip_cut();
	check(&all);
	return 0;
}
