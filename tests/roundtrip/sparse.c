/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Huge sparse reservations take neither time nor space, and are preserved with their few used
 * pages.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define TERABYTE (1UL << 40)
#define GIGABYTE (1UL << 30)

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *reserve(int protection)
{
	char *memory = mmap(NULL, TERABYTE, protection,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		roundtrip_skip("no address space of this size");
	return memory;
}

static void resumed(char *none, char *writable)
{
	for (unsigned long i = 1; i < 1000; i += 37)
		CHECK_EQUAL(writable[i * GIGABYTE + 5], (char)i);
	CHECK_EQUAL(writable[0], 0);
	CHECK_STRING(none + 500 * GIGABYTE, "in the middle");
	CHECK(!mprotect(none + GIGABYTE, 4096, PROT_READ | PROT_WRITE));
	CHECK_EQUAL(none[GIGABYTE], 0);
	none[GIGABYTE] = 1;
	writable[700 * GIGABYTE] = 1;
	/* No other mapping is inside the reservation. */
	CHECK(mmap(none, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		   -1, 0) == MAP_FAILED);
}

int main(void)
{
	char *none, *writable, *dump;
	struct stat status;
	double start;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	none = reserve(PROT_NONE);
	writable = reserve(PROT_READ | PROT_WRITE);
	madvise(writable, TERABYTE, MADV_NOHUGEPAGE);
	for (unsigned long i = 1; i < 1000; i += 37)
		writable[i * GIGABYTE + 5] = (char)i;
	CHECK(!mprotect(none + 500 * GIGABYTE, 65536, PROT_READ | PROT_WRITE));
	strcpy(none + 500 * GIGABYTE, "in the middle");
	start = now();
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		resumed(none, writable);
		return 0;
	}
	fprintf(stderr, "%.2f s to dump\n", now() - start);
	CHECK(now() - start < 10);
	CHECK(!stat(dump, &status));
	fprintf(stderr, "%lld bytes on disk\n", (long long)status.st_blocks * 512);
	CHECK(status.st_blocks * 512LL < 40 << 20);
	start = now();
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
	CHECK(now() - start < 5);
	_exit(0);
}
