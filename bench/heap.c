/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program with a heap of a given size, all of it touched.
 *
 *   heap MEGABYTES DUMP                dumps itself; the dump exits at once
 *   heap MEGABYTES DUMP COPY RUNS      RUNS times in turn, prints how many nanoseconds it
 *                                      takes to dump itself, and to write and sync the
 *                                      heap's bytes alone to the file COPY
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <unexec.h>

/* Less than malloc's threshold for mmap, so that all of it is one heap. */
#define BLOCK (64 << 10)

struct heap {
	uint64_t **blocks;
	size_t count;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct heap heap_make(size_t megabytes)
{
	struct heap heap = { .count = (megabytes << 20) / BLOCK };
	uint64_t value = 1;

	heap.blocks = calloc(heap.count, sizeof(*heap.blocks));
	if (!heap.blocks)
		die("calloc");
	for (size_t i = 0; i < heap.count; i++) {
		heap.blocks[i] = malloc(BLOCK);
		if (!heap.blocks[i])
			die("malloc");
		/* Content that a file system cannot leave out. */
		for (size_t j = 0; j < BLOCK / sizeof(value); j++) {
			value = value * UINT64_C(6364136223846793005) + 1;
			heap.blocks[i][j] = value;
		}
	}
	return heap;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* In the dump this does not return. */
static uint64_t time_dump(const char *path)
{
	uint64_t start = now();
	int status = unexec_dump(path, NULL, NULL);

	if (status == UNEXEC_RESUMED)
		exit(0);
	if (status < 0)
		exit(1);
	return now() - start;
}

/* The blocks lie side by side, so that one range of memory has them all. */
static uint64_t time_copy(const char *path, const struct heap *heap)
{
	const char *from = (const char *)heap->blocks[0];
	const char *end = (const char *)heap->blocks[heap->count - 1] + BLOCK;
	uint64_t start = now();
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (file < 0)
		die(path);
	while (from < end) {
		ssize_t written = write(file, from, (size_t)(end - from));

		if (written <= 0)
			die(path);
		from += written;
	}
	if (fsync(file) || close(file))
		die(path);
	return now() - start;
}

int main(int argc, char **argv)
{
	struct heap heap;

	if (argc != 3 && argc != 5)
		return 2;
	heap = heap_make(strtoul(argv[1], NULL, 10));
	if (argc == 3) {
		time_dump(argv[2]);
		return 0;
	}
	for (int runs = atoi(argv[4]); runs > 0; runs--) {
		uint64_t dump, copy;

		/* Both write to a new file, and neither pays for the other's writes. */
		unlink(argv[2]);
		sync();
		dump = time_dump(argv[2]);
		unlink(argv[2]);
		sync();
		copy = time_copy(argv[3], &heap);
		unlink(argv[3]);
		printf("%" PRIu64 " %" PRIu64 "\n", dump, copy);
		fflush(stdout);
	}
	return 0;
}
