/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An io_uring is refused as what it is.
 */
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/refuse.h"

int main(void)
{
	struct io_uring_params parameters;
	struct unexec_report *report;
	void *ring;
	char *path;
	long fd;

	roundtrip_begin();
	path = roundtrip_path("dump");
	memset(&parameters, 0, sizeof(parameters));
	fd = syscall(SYS_io_uring_setup, 4, &parameters);
	if (fd < 0)
		roundtrip_skip("no io_uring here");
	ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd,
		    IORING_OFF_SQ_RING);
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_IO_URING, "io_uring", NULL);
	unexec_report_free(report);
	if (ring != MAP_FAILED)
		munmap(ring, 4096);
	close((int)fd);
	refuse_now_works(path);
	return 0;
}
