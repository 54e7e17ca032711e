/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the dump the stack can be unwound, from within the vDSO too, and dl_iterate_phdr
 * describes the mapped objects.
 */
#define _GNU_SOURCE
#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static volatile int samples, good, in_loop;
static char *maps;

__attribute__((noinline)) static int trace(void **frames, int room)
{
	int count = backtrace(frames, room);

	__asm__ volatile("");
	return count;
}

static int within(void *address, const void *function, size_t length)
{
	return (uintptr_t)address - (uintptr_t)function < length;
}

__attribute__((noinline)) static void spend_time(void);

static void sample(int number)
{
	void *frames[32];
	int count = trace(frames, 32);

	(void)number;
	if (!in_loop)
		return;
	samples++;
	for (int i = 0; i < count; i++)
		if (within(frames[i], (const void *)spend_time, 512)) {
			good++;
			return;
		}
}

__attribute__((noinline)) static void spend_time(void)
{
	struct timespec now;

	in_loop = 1;
	while (samples < 200)
		for (int i = 0; i < 1000; i++)
			clock_gettime(CLOCK_MONOTONIC, &now);
	in_loop = 0;
}

/* True if [start, end) is mapped, according to the kernel. */
static int mapped(uintptr_t start, uintptr_t end)
{
	for (char *line = maps; line && *line; line = strchr(line, '\n') + 1) {
		unsigned long first, last;
		char mode;

		CHECK(sscanf(line, "%lx-%lx %c", &first, &last, &mode) == 3);
		if (start >= first && start < last) {
			if (end <= last)
				return 1;
			start = last;
		}
	}
	return 0;
}

struct objects {
	int count;
	uintptr_t sum;
};

static int look(struct dl_phdr_info *info, size_t size, void *argument)
{
	struct objects *objects = argument;

	(void)size;
	objects->count++;
	objects->sum += info->dlpi_addr + info->dlpi_phnum;
	for (int i = 0; maps && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type == PT_LOAD || header->p_type == PT_GNU_EH_FRAME) {
			uintptr_t start = info->dlpi_addr + header->p_vaddr;

			if (!mapped(start, start + header->p_memsz))
				fprintf(stderr, "%s: %#lx\n", info->dlpi_name, start);
			CHECK(mapped(start, start + header->p_memsz));
		}
	}
	return 0;
}

__attribute__((noinline)) static int nested(int depth, void **frames)
{
	int count = depth ? nested(depth - 1, frames) : trace(frames, 64);

	__asm__ volatile("");
	return count;
}

static void check_sampling(void)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };

	signal(SIGPROF, sample);
	setitimer(ITIMER_PROF, &often, NULL);
	spend_time();
	setitimer(ITIMER_PROF, &never, NULL);
	/* A sample at an instruction between two frames may be incomplete. */
	fprintf(stderr, "%d of %d stacks are whole\n", good, samples);
	CHECK(good >= samples - 4);
	samples = good = 0;
}

int main(void)
{
	struct objects before = { 0, 0 }, after = { 0, 0 };
	void *frames[64];
	char **names;
	int count, found = 0;

	roundtrip_begin();
	check_sampling();
	dl_iterate_phdr(look, &before);
	count = nested(20, frames);
	roundtrip_cut();
	CHECK_EQUAL(nested(20, frames), count);
	names = backtrace_symbols(frames, count);
	for (int i = 0; i < count; i++)
		found += strstr(names[i], "libc.so.6") != NULL;
	CHECK(found >= 1); /* main is called from there */
	maps = roundtrip_read("/proc/self/maps");
	dl_iterate_phdr(look, &after);
	CHECK_EQUAL(after.count, before.count);
	CHECK_EQUAL(after.sum, before.sum);
	check_sampling();
	return 0;
}
