/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secret memory (memfd_secret) is refused with its address, because not even the kernel reads
 * it; so is a descriptor of it. The dump is made without both.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/refuse.h"

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447 /* since 5.14, the same on all architectures */
#endif

int main(void)
{
	struct unexec_report *report;
	char *path, *memory, number[30];
	int fd;

	roundtrip_begin();
	path = roundtrip_path("dump");
	fd = (int)syscall(SYS_memfd_secret, 0);
	if (fd < 0 || ftruncate(fd, 4096))
		roundtrip_skip("no memfd_secret");
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		roundtrip_skip("no secret memory can be mapped");
	strcpy(memory, "secret");
	report = refuse_dump(path);
	snprintf(number, sizeof(number), "descriptor %d", fd);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, "secret memory", NULL);
	refuse_expect(report, UNEXEC_CODE_MAPPING, "secret memory", NULL);
	unexec_report_free(report);
	CHECK(!unexec_set_fd_policy(fd, UNEXEC_FD_NULL));
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_MAPPING, "secret memory", "unexec_on_dump", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	munmap(memory, 4096);
	refuse_now_works(path);
	return 0;
}
