/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mapping of a device is refused with its address and the device's name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/refuse.h"

static const char *name;

/* Maps the first of these devices that this machine allows: the first page of physical memory,
 * a clock, the kernel's ring of performance events. */
static char *map_something(void)
{
	static const char *const devices[] = { "/dev/mem", "/dev/hpet", "/dev/fb0" };
	struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(event),
					 .config = PERF_COUNT_SW_CPU_CLOCK,
					 .exclude_kernel = 1 };
	char *memory;
	int fd;

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		fd = open(name = devices[i], O_RDONLY);
		memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
		if (memory != MAP_FAILED)
			return memory;
	}
	name = "perf_event";
	fd = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
	memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return memory;
}

int main(void)
{
	struct unexec_report *report;
	struct unexec_diagnostic diagnostic;
	char *path, *memory;

	roundtrip_begin();
	path = roundtrip_path("dump");
	memory = map_something();
	if (memory == MAP_FAILED)
		roundtrip_skip("no device that can be mapped");
	report = refuse_dump(path);
	refuse_expect(report, UNEXEC_CODE_DEVICE, name, NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (diagnostic.code == UNEXEC_CODE_DEVICE)
			CHECK(diagnostic.start == (uintptr_t)memory);
	unexec_report_free(report);
	munmap(memory, 8192);
	refuse_now_works(path);
	return 0;
}
