/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An io_uring is refused, by its descriptor number, while a request is in flight, if it has
 * registered resources that the kernel does not show, or if its descriptor is closed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/time_types.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "../lib/refuse.h"
#include "../lib/ring.h"

#define SETUP_R_DISABLED (1U << 6)
#define REGISTER_PBUF_RING 22
#define REGISTER_PBUF_STATUS 26
#define CQE_SKIP_SUCCESS (1U << 6)

static char *path;

static void expect(struct ring *ring, const char *what)
{
	struct unexec_report *report = refuse_dump(path);
	char number[32];

	snprintf(number, sizeof(number), "descriptor %d is an io_uring", ring->fd);
	refuse_expect(report, UNEXEC_CODE_IO_URING, number, what, NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
}

static void refuse_poll(struct ring *ring)
{
	int pair[2];

	CHECK(!pipe(pair));
	ring_next(ring, IORING_OP_POLL_ADD, 1)->fd = pair[0];
	((struct io_uring_sqe *)ring->entries)->poll32_events = POLLIN;
	ring_submit(ring, 0);
	expect(ring, "in flight");
	CHECK_EQUAL(write(pair[1], "x", 1), 1);
	ring_submit(ring, 1);
	CHECK_EQUAL(ring_reap(ring, 1), POLLIN);
	close(pair[0]);
	close(pair[1]);
}

static void refuse_timeout(struct ring *ring)
{
	static const struct __kernel_timespec hour = { .tv_sec = 3600 };
	struct io_uring_sqe *entry;

	entry = ring_next(ring, IORING_OP_TIMEOUT, 2);
	entry->addr = (uint64_t)(uintptr_t)&hour;
	entry->len = 1;
	ring_submit(ring, 0);
	expect(ring, "in flight");
	ring_next(ring, IORING_OP_TIMEOUT_REMOVE, 3)->addr = 2;
	ring_submit(ring, 2);
	CHECK_EQUAL(ring_reap(ring, 3), 0);
	CHECK_EQUAL(ring_reap(ring, 2), -ECANCELED);
}

/* The kernel does not show which eventfd is registered. */
static void refuse_eventfd(struct ring *ring)
{
	int event = eventfd(0, 0);

	CHECK(!syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_EVENTFD, &event, 1));
	expect(ring, "eventfd");
	CHECK(!syscall(SYS_io_uring_register, ring->fd, IORING_UNREGISTER_EVENTFD, NULL, 0));
	close(event);
}

static void refuse_file(struct ring *ring)
{
	int file = open("/proc/self/exe", O_RDONLY);

	CHECK(!syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, &file, 1));
	close(file);
	expect(ring, "registered file");
	CHECK(!syscall(SYS_io_uring_register, ring->fd, IORING_UNREGISTER_FILES, NULL, 0));
}

/* Kernels before 6.8 do not show these. */
static void refuse_buffers(struct ring *ring)
{
	struct { uint64_t address; uint32_t entries; uint16_t group, flags; uint64_t rest[3]; } set =
		{ .entries = 8, .group = 7 };
	uint32_t status[10] = { 7 };

	set.address = (uint64_t)(uintptr_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (syscall(SYS_io_uring_register, ring->fd, REGISTER_PBUF_RING, &set, 1)
	    || syscall(SYS_io_uring_register, ring->fd, REGISTER_PBUF_STATUS, status, 1))
		return;
	expect(ring, "buffers");
	CHECK(!syscall(SYS_io_uring_register, ring->fd, 23, &set, 1));
}

static void refuse_disabled(void)
{
	struct ring ring;

	if (!ring_open(&ring, 4, SETUP_R_DISABLED))
		return;
	expect(&ring, "enabled");
	ring_close(&ring);
}

/* A request without completion may still be in flight. */
static void refuse_uncounted(void)
{
	struct ring ring;

	CHECK(ring_open(&ring, 4, 0));
	ring_next(&ring, IORING_OP_NOP, 1)->flags = CQE_SKIP_SUCCESS;
	ring_submit(&ring, 0);
	expect(&ring, "in flight");
	ring_close(&ring);
}

static void refuse_of_thread(struct ring *ring)
{
	struct { uint32_t offset, rest; uint64_t fd; } update = { .offset = UINT32_MAX };
	struct unexec_report *report;

	update.fd = (uint64_t)ring->fd;
	if (syscall(SYS_io_uring_register, ring->fd, 20 /* RING_FDS */, &update, 1) != 1)
		return; /* since 5.18 */
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_IO_URING, "thread", "RING_FDS", NULL);
	unexec_report_free(report);
	update.fd = 0;
	CHECK_EQUAL(syscall(SYS_io_uring_register, ring->fd, 21, &update, 1), 1);
}

static void refuse_mapping(void)
{
	struct unexec_report *report;
	struct ring ring;

	CHECK(ring_open(&ring, 4, 0));
	close(ring.fd);
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_IO_URING, "io_uring", "mapped", NULL);
	unexec_report_free(report);
	munmap(ring.rings, ring.size);
	munmap(ring.entries, ring.entries_size);
}

int main(void)
{
	struct ring ring;

	roundtrip_begin();
	path = roundtrip_path("dump");
	if (!ring_open(&ring, 4, 0))
		roundtrip_skip("no io_uring here");
	refuse_poll(&ring);
	refuse_timeout(&ring);
	refuse_eventfd(&ring);
	refuse_file(&ring);
	refuse_buffers(&ring);
	refuse_of_thread(&ring);
	refuse_disabled();
	refuse_uncounted();
	refuse_mapping();
	refuse_now_works(path);
	return 0;
}
