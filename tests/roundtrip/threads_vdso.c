/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads that call clock_gettime in a loop continue in the dump, even if it starts on a kernel
 * of another build, whose vDSO has other code: no thread remains inside the old vDSO.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "shared/plan.h"
#include "threads.h"

#define COUNT 3
#define DUMPS 20

static volatile int stop;
static volatile long calls[COUNT];
static pthread_t threads[COUNT];

static void *ask(void *argument)
{
	volatile long *count = argument;
	struct timespec now;

	while (!stop) {
		CHECK(!clock_gettime(CLOCK_MONOTONIC, &now));
		(*count)++;
	}
	return NULL;
}

/* Makes the dump believe that the kernel is another. */
static void change_build(const char *path)
{
	const uint64_t magic = PLAN_MAGIC;
	int fd = open(path, O_RDWR);
	struct stat status;
	struct plan *plan;
	void *file;

	CHECK(fd >= 0 && !fstat(fd, &status));
	file = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(file != MAP_FAILED);
	/* The program's code contains the magic number too; in a plan, the version follows. */
	for (plan = file; ; plan = (struct plan *)((char *)plan + 8)) {
		plan = memmem(plan, (size_t)((char *)file + status.st_size - (char *)plan),
			      &magic, sizeof(magic));
		CHECK(plan);
		if (plan->version == PLAN_VERSION && plan->page_size == 4096)
			break;
	}
	CHECK(plan->vdso.build[0]);
	plan->vdso.build[0] ^= 1;
	munmap(file, (size_t)status.st_size);
	close(fd);
}

static void finish(void)
{
	long before[COUNT];

	memcpy(before, (void *)(uintptr_t)calls, sizeof(before));
	for (int i = 0; i < COUNT; i++)
		while (calls[i] < before[i] + 1000)
			usleep(1000);
	stop = 1;
	for (int i = 0; i < COUNT; i++)
		CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	for (int i = 0; i < COUNT; i++)
		CHECK(!pthread_create(&threads[i], NULL, ask, (void *)(uintptr_t)&calls[i]));
	for (int i = 0; i < DUMPS; i++) {
		if (roundtrip_dump(path, &keep_all) == UNEXEC_RESUMED) {
			finish();
			return 0;
		}
		if (i % 2)
			change_build(path);
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
	}
	finish();
	return 0;
}
