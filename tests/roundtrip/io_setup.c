/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Contexts of io_setup(2) work in the dump under their old names: an unused one, a used one, a
 * large one.
 */
#define _GNU_SOURCE
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

struct ring {
	uint32_t id, count, head, tail;
};

static void write_and_wait(aio_context_t context, int to, uint64_t data)
{
	struct iocb request = { .aio_data = data,
				.aio_fildes = (uint32_t)to,
				.aio_lio_opcode = IOCB_CMD_PWRITE,
				.aio_buf = (uint64_t)(uintptr_t)"text",
				.aio_nbytes = 4 };
	struct iocb *list = &request;
	struct io_event event;

	CHECK_EQUAL(syscall(SYS_io_submit, context, 1, &list), 1);
	CHECK_EQUAL(syscall(SYS_io_getevents, context, 1, 1, &event, NULL), 1);
	CHECK_EQUAL(event.data, data);
	CHECK_EQUAL(event.res, 4);
}

static void use(const aio_context_t *contexts, int to)
{
	for (int i = 1; i < 3; i++)
		for (unsigned k = 0; k < 5; k++)
			write_and_wait(contexts[i], to, k);
}

static void check(const aio_context_t *contexts, const uint32_t *counts, int to)
{
	for (int i = 0; i < 3; i++)
		CHECK_EQUAL(((const struct ring *)contexts[i])->count, counts[i]);
	use(contexts, to);
	write_and_wait(contexts[0], to, 7);
}

int main(void)
{
	static const unsigned sizes[] = { 8, 16, 1000 };
	aio_context_t contexts[3] = { 0 };
	uint32_t counts[3];
	int to;

	roundtrip_begin();
	to = memfd_create("to", 0);
	for (int i = 0; i < 3; i++) {
		if (syscall(SYS_io_setup, sizes[i], &contexts[i]))
			roundtrip_skip("no asynchronous I/O here");
		counts[i] = ((const struct ring *)contexts[i])->count;
	}
	use(contexts, to);
	roundtrip_cut();
	check(contexts, counts, to);
	roundtrip_cut();
	check(contexts, counts, to);
	CHECK(!syscall(SYS_io_destroy, contexts[1]));
	return 0;
}
