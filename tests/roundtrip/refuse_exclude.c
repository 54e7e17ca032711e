/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An excluded range that is not completely private writable memory is refused by its addresses,
 * without delay even if it is long. A large reservation is accepted.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/refuse.h"

#define PAGE ((size_t)4096)
#define LENGTH (8 * PAGE)
#define LARGE ((size_t)1 << 40)

static char *path;

static char *map(int prot, int flags, int fd)
{
	char *memory = mmap(NULL, LENGTH, prot, flags, fd, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

/* Runs in a child, because an excluded range stays excluded. */
static void expect(const char *what, char *start, size_t length, const char *why,
		   const char *wrong)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	pid_t child = fork();
	char range[48], place[24];

	if (child) {
		fprintf(stderr, "%s\n", what);
		CHECK_EQUAL(roundtrip_wait(child), 0);
		unexec_report_free(report);
		return;
	}
	CHECK_EQUAL(unexec_exclude(start, length), 0);
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_INVALID);
	unexec_report_print(report, stderr);
	CHECK(access(path, F_OK));
	CHECK_EQUAL(unexec_report_count(report), 1);
	CHECK_EQUAL(unexec_report_get(report, 0, &diagnostic), 0);
	CHECK_EQUAL(diagnostic.start, (uintptr_t)start);
	CHECK_EQUAL(diagnostic.end, (uintptr_t)start + length);
	snprintf(range, sizeof(range), "%p-%p", (void *)start, (void *)(start + length));
	snprintf(place, sizeof(place), wrong ? "%p is" : " is ", (const void *)wrong);
	refuse_expect(report, UNEXEC_CODE_ARGUMENT, range, place, why, NULL);
	_exit(0);
}

static void expect_refused(void)
{
	const int own = MAP_PRIVATE | MAP_ANONYMOUS, both = PROT_READ | PROT_WRITE;
	char *memory = map(both, own, -1), *name = roundtrip_path("file");
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && !ftruncate(fd, (off_t)LENGTH));
	CHECK(!munmap(memory + PAGE, PAGE));
	expect("hole", memory, LENGTH, "not mapped", memory + PAGE);
	expect("hole at its end", memory, PAGE + 1, "not mapped", memory + PAGE);
	expect("hole at its beginning", memory + PAGE + 7, PAGE, "not mapped",
	       memory + PAGE + 7);
	CHECK(!mprotect(memory + 4 * PAGE, PAGE, PROT_READ));
	expect("read-only", memory + 3 * PAGE - 9, 3 * PAGE, "not writable", memory + 4 * PAGE);
	CHECK(!mprotect(memory + 4 * PAGE, PAGE, PROT_NONE));
	expect("PROT_NONE", memory + 3 * PAGE, 3 * PAGE, "not writable", memory + 4 * PAGE);
	munmap(memory, LENGTH);
	memory = map(both, MAP_SHARED, fd);
	memset(memory, 7, LENGTH);
	expect("shared with a file", memory + 5, 100, name, memory + 5);
	CHECK_EQUAL(memory[50], 7);
	munmap(memory, LENGTH);
	memory = map(both, own, -1);
	expect("all there is", memory, (size_t)1 << 46, "not mapped|not writable|shared", NULL);
	munmap(memory, LENGTH);
}

/* Memory that may be excluded, with its content. */
static char *shared, *reservation, *of_file;
static char initialised[4 * 4096] = "in the program's file";

static void exclude_what_may_be(void)
{
	int fd = open(roundtrip_path("file"), O_RDWR | O_CLOEXEC);

	shared = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	memset(shared, 1, LENGTH);
	of_file = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	close(fd);
	CHECK_EQUAL(of_file[3 * PAGE], 7);
	reservation = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(reservation != MAP_FAILED);
	strcpy(reservation + LARGE / 2, "far");
	strcpy(initialised + 5000, "also");
	CHECK(!unexec_exclude(shared + 1, LENGTH - 1));
	CHECK(!unexec_exclude(of_file, LENGTH));
	CHECK(!unexec_exclude(reservation + 1, LARGE - 1));
	CHECK(!unexec_exclude(initialised, sizeof(initialised)));
}

static void check_zero(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			CHECK_EQUAL(bytes[i], 0);
}

int main(void)
{
	roundtrip_begin();
	path = roundtrip_path("dump");
	expect_refused();
	exclude_what_may_be();
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED) {
		CHECK_EQUAL(shared[0], 1);
		check_zero(shared + 1, LENGTH - 1);
		check_zero(of_file, LENGTH);
		check_zero(initialised, sizeof(initialised));
		check_zero(reservation + LARGE / 2, 100);
		return 0;
	}
	CHECK_EQUAL(shared[1], 1);
	CHECK_EQUAL(of_file[3 * PAGE], 7);
	CHECK_STRING(reservation + LARGE / 2, "far");
	CHECK_STRING(initialised, "in the program's file");
	return roundtrip_run(path, &(struct roundtrip){ 0 });
}
