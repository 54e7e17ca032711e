/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program that most scripts dump: subject FILE [FORM [MEGABYTES]]. The forms fill memory:
 * "zero" with touched zero pages, "sparse" with a byte in each page, "full" with noise.
 * The dump prints "alive:" and its arguments. If the first is "backtrace", "sleep" or "abort", it
 * does that; with "write" it writes to every other page and prints how many of these were
 * there. SUBJECT_PREFAULT is the option `prefault`. If there is no dump, it prints the name of the
 * status and exits with 1.
 */
#define _GNU_SOURCE
#include <execinfo.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unexec.h>

int subject_answer(int depth, int argc, char **argv);
int subject_data = 4711;
char *subject_memory;
static size_t subject_length;

static void print_backtrace(void)
{
	void *frames[30];
	int count = backtrace(frames, 30);

	fflush(stdout);
	backtrace_symbols_fd(frames, count, 1);
}

/* True if the page is the process's own (Documentation/admin-guide/mm/pagemap.rst). */
static int is_written(int pagemap, const char *page)
{
	uint64_t word = 0;

	if (pread(pagemap, &word, sizeof(word), (off_t)((uintptr_t)page / 4096 * 8)) != 8)
		exit(77);
	return word >> 63 && !(word >> 61 & 1);
}

static int write_pages(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY), count = 0;

	for (size_t i = 4096; i < subject_length; i += 8192) {
		count += is_written(pagemap, subject_memory + i);
		subject_memory[i]++;
	}
	printf("%d\n", count);
	return 3;
}

__attribute__((noinline)) int subject_answer(int depth, int argc, char **argv)
{
	int status = 0;

	if (depth)
		return subject_answer(depth - 1, argc, argv) + (argc < 0);
	if (argc > 1 && !strcmp(argv[1], "backtrace")) {
		print_backtrace();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "write"))
		return write_pages();
	if (argc > 1 && !strcmp(argv[1], "abort"))
		abort();
	printf("alive:");
	for (int i = 1; i < argc; i++)
		printf(" %s", argv[i]);
	puts("");
	fflush(stdout);
	if (argc > 1 && !strcmp(argv[1], "sleep"))
		status = (int)sleep(20);
	return status;
}

static void fill(const char *form, size_t length)
{
	uint64_t noise = 88172645463325252ULL;

	subject_memory = malloc(length);
	subject_length = length;
	if (!subject_memory)
		exit(77);
	if (!strcmp(form, "zero"))
		explicit_bzero(subject_memory, length);
	for (size_t i = 100; !strcmp(form, "sparse") && i < length; i += 4096)
		subject_memory[i] = (char)(i >> 12 | 1);
	for (size_t i = 0; !strcmp(form, "full") && i + 8 <= length; i += 8) {
		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		memcpy(subject_memory + i, &noise, 8);
	}
}

int main(int argc, char **argv)
{
	struct unexec_options options = { .size = sizeof(options) };
	int status;

	if (argc < 2)
		return 2;
	if (getenv("SUBJECT_PREFAULT"))
		options.prefault = (unsigned)atoi(getenv("SUBJECT_PREFAULT"));
	if (argc > 2)
		fill(argv[2], (argc > 3 ? strtoul(argv[3], NULL, 10) : 1) << 20);
	status = unexec_dump(argv[1], &options, NULL);
	if (status < 0) {
		puts(unexec_status_name(status));
		return 1;
	}
	if (status == UNEXEC_DUMPED)
		return 0;
	unexec_arguments(&argc, &argv, NULL);
	return subject_answer(3, argc, argv);
}
