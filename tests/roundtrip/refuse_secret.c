/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secret memory (memfd_secret) is refused with its address, because not even the kernel reads
 * it.
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
	char *path, *memory;
	int fd;

	roundtrip_begin();
	path = roundtrip_path("dump");
	fd = (int)syscall(SYS_memfd_secret, 0);
	if (fd < 0 || ftruncate(fd, 4096))
		roundtrip_skip("no memfd_secret");
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		roundtrip_skip("no secret memory can be mapped");
	close(fd);
	strcpy(memory, "secret");
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_MAPPING, "secret memory", NULL);
	unexec_report_free(report);
	munmap(memory, 4096);
	refuse_now_works(path);
	return 0;
}
