/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process with thousands of small mappings is dumped completely, or refused because an
 * executable cannot have so many segments.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/refuse.h"

#define PAGE 4096

/* Pages with content, each with a protection different from its neighbours'. */
static char *make(int count, int step)
{
	static const int protections[3] = { PROT_READ, PROT_READ | PROT_WRITE, PROT_NONE };
	char *memory = mmap(NULL, (size_t)count * PAGE * (size_t)step, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(memory != MAP_FAILED);
	for (int i = 0; i < count; i++) {
		char *page = memory + (size_t)i * PAGE * (size_t)step;

		snprintf(page, PAGE, "page %d", i);
		CHECK(!mprotect(page, PAGE, protections[i % 3]));
	}
	return memory;
}

static void check(char *memory, int count, int step)
{
	for (int i = 0; i < count; i++) {
		char *page = memory + (size_t)i * PAGE * (size_t)step, expected[20];

		snprintf(expected, sizeof(expected), "page %d", i);
		if (i % 3 == 2)
			CHECK(!mprotect(page, PAGE, PROT_READ));
		CHECK_STRING(page, expected);
	}
}

static void try(int count, int step)
{
	struct unexec_report *report = unexec_report_new();
	char *memory = make(count, step), *path = roundtrip_path("dump");
	int status = unexec_dump(path, NULL, report);

	if (status == UNEXEC_RESUMED) {
		check(memory, count, step);
		_exit(42);
	}
	unexec_report_print(report, stderr);
	fprintf(stderr, "%d mappings: %s\n", count, unexec_status_name(status));
	if (status == UNEXEC_DUMPED) {
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 42);
	} else {
		CHECK_EQUAL(status, UNEXEC_UNSUPPORTED);
		refuse_expect(report, UNEXEC_CODE_SEGMENTS, NULL);
		CHECK(count >= 1000);
	}
	check(memory, count, step);
	munmap(memory, (size_t)count * PAGE * (size_t)step);
	unlink(path);
	unexec_report_free(report);
}

int main(void)
{
	roundtrip_begin();
	try(300, 1);
	try(300, 1000);
	try(1100, 1);
	try(3000, 1);
	try(3000, 100);
	try(20000, 1);
	return 0;
}
