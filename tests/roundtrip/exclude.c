/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranges given to unexec_exclude are zero in the dump and unchanged in the original; a large
 * range takes no room in the file. Shared memory is not changed.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LARGE (64 << 20)

static char secret[100] = "a secret of some length";
static char spanning[3 * 4096 + 100];
static char filler[5000] = "not zero";
static const char needle[] = "needle-in-a-dump-that-must-not-be-found";
static char *copy, *large, *shared;

static void check_original(void)
{
	CHECK_STRING(secret, "a secret of some length");
	CHECK_EQUAL(spanning[0], 5);
	CHECK_EQUAL(spanning[50], 5);
	CHECK_EQUAL(spanning[sizeof(spanning) - 1], 5);
	CHECK_EQUAL(large[LARGE - 1], 6);
	CHECK_EQUAL(strlen(copy), 8000);
	CHECK_STRING(shared + 5000, "shared");
}

static void check_dump(void)
{
	CHECK(!memcmp(secret, "a ", 2));
	for (size_t i = 2; i < 12; i++)
		CHECK_EQUAL(secret[i], 0);
	CHECK_STRING(secret + 12, "some length");
	for (size_t i = 0; i < sizeof(spanning); i++)
		CHECK_EQUAL(spanning[i], i < 10 || i >= sizeof(spanning) - 10 ? 5 : 0);
	for (size_t i = 0; i < LARGE; i++)
		if (large[i])
			CHECK_EQUAL(large[i], 0);
	for (size_t i = 0; i < 8000; i++)
		CHECK_EQUAL(copy[i], 0);
	CHECK_STRING(filler, "not zero");
	CHECK_EQUAL(shared[5000], 0);
	CHECK_STRING(shared + 5001, "hared");
	large[5] = 1; /* still writable */
}

static void map_shared(void)
{
	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	strcpy(shared + 5000, "shared");
	CHECK_EQUAL(unexec_exclude(shared, 5001), 0);
}

int main(void)
{
	struct stat status;
	char *dump, *bytes;
	FILE *stream;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	map_shared();
	memset(spanning, 5, sizeof(spanning));
	large = malloc(LARGE);
	memset(large, 6, LARGE);
	copy = calloc(1, 8001);
	for (size_t i = 0; i < 8000; i++)
		copy[i] = needle[i % 39] ^ 0x15;
	CHECK_EQUAL(unexec_exclude(secret, 0), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_exclude(secret, SIZE_MAX - 5), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_exclude(secret + 2, 10), 0);
	CHECK_EQUAL(unexec_exclude(spanning + 10, sizeof(spanning) - 20), 0);
	CHECK_EQUAL(unexec_exclude(large, LARGE), 0);
	CHECK_EQUAL(unexec_exclude(copy, 8000), 0);
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		check_dump();
		return 0;
	}
	check_original();
	CHECK(!stat(dump, &status));
	CHECK(status.st_blocks * 512LL < LARGE / 2);
	bytes = malloc((size_t)status.st_size);
	stream = fopen(dump, "r");
	CHECK(fread(bytes, 1, (size_t)status.st_size, stream) == (size_t)status.st_size);
	CHECK(!memmem(bytes, (size_t)status.st_size, copy, 39));
	fclose(stream);
	_exit(roundtrip_run(dump, &(struct roundtrip){ 0 }));
}
