/* SPDX-License-Identifier: MIT
 *
 * What stays in a dump beside the program: its madvise().
 *
 * Anonymous memory that is given back by MADV_DONTNEED is zero when it is next read, and
 * allocators and collectors rely on that. In a dump the kernel maps such memory from the file,
 * privately, and gives back what the file holds: what was there when the dump was made. So the
 * call is led here, where what is given back of the file becomes anonymous again.
 *
 * Called in any thread, at any time, also in signal handlers: it takes no locks, and uses no
 * more of the stack than a signal frame does.
 */
#include <stdbool.h>
#include <stdint.h>

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/unistd.h>

#include "arch_syscall.h"
#include "shared/discard.h"

#define EAGAIN 11
#define ENOMEM 12
#define EINVAL 22
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* since 5.18 */
#endif

/* At DISCARD_TABLE from the beginning of the code; filled by whoever writes the dump. */
struct discard_table discard_table;

/* ---- The list of mappings ---------------------------------------------------------------- */

/* "start-end rwxp offset major:minor inode name" (proc_pid_maps(5)) */
struct mapping {
	uint64_t start, end;
	uint32_t prot;
	bool shared;
	uint64_t device, inode;
};

struct maps {
	long descriptor;
	uint32_t at, length;
	char bytes[512];
};

static int next_byte(struct maps *maps)
{
	if (maps->at == maps->length) {
		long got = sys(__NR_read, maps->descriptor, maps->bytes, sizeof(maps->bytes));

		if (got <= 0)
			return -1;
		maps->at = 0;
		maps->length = (uint32_t)got;
	}
	return (unsigned char)maps->bytes[maps->at++];
}

/* Up to and with the byte after it. */
static uint64_t number(struct maps *maps, unsigned base)
{
	uint64_t value = 0;

	for (;;) {
		int byte = next_byte(maps);

		if (byte >= '0' && byte <= '9')
			value = value * base + (unsigned)(byte - '0');
		else if (base == 16 && byte >= 'a' && byte <= 'f')
			value = value * 16 + (unsigned)(byte - 'a') + 10;
		else
			return value;
	}
}

static bool next_mapping(struct maps *maps, struct mapping *mapping)
{
	int byte;

	mapping->start = number(maps, 16);
	mapping->end = number(maps, 16);
	mapping->prot = next_byte(maps) == 'r' ? PROT_READ : 0;
	mapping->prot |= next_byte(maps) == 'w' ? PROT_WRITE : 0;
	mapping->prot |= next_byte(maps) == 'x' ? PROT_EXEC : 0;
	mapping->shared = next_byte(maps) != 'p';
	next_byte(maps);
	number(maps, 16);
	mapping->device = number(maps, 16) << 32;
	mapping->device |= number(maps, 16);
	mapping->inode = number(maps, 10);
	do
		byte = next_byte(maps);
	while (byte >= 0 && byte != '\n');
	return mapping->end != 0;
}

static bool open_maps(struct maps *maps)
{
	maps->at = maps->length = 0;
	maps->descriptor = sys(__NR_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
	return maps->descriptor >= 0;
}

static void close_maps(const struct maps *maps)
{
	sys(__NR_close, maps->descriptor);
}

/* This code is of the dump's file. */
static bool find_file(struct mapping *own)
{
	uint64_t here = (uint64_t)&discard_table - 1;
	struct maps maps;
	bool found = false;

	if (!open_maps(&maps))
		return false;
	while (!found && next_mapping(&maps, own))
		found = here >= own->start && here < own->end;
	close_maps(&maps);
	return found;
}

/* ---- Memory ------------------------------------------------------------------------------ */

static bool touches(uint64_t start, uint64_t end)
{
	for (uint64_t i = 0; i < discard_table.count; i++)
		if (start < discard_table.ranges[i].end && end > discard_table.ranges[i].start)
			return true;
	return false;
}

/* Makes the part of the mapping anonymous that is of the file and was so before the dump. False
 * if that cannot be done. */
static bool renew(const struct mapping *mapping, uint64_t start, uint64_t end)
{
	bool all = true;

	for (uint64_t i = 0; i < discard_table.count; i++) {
		uint64_t from = discard_table.ranges[i].start, to = discard_table.ranges[i].end;
		long got;

		from = from < mapping->start ? mapping->start : from;
		from = from < start ? start : from;
		to = to > mapping->end ? mapping->end : to;
		to = to > end ? end : to;
		if (from >= to)
			continue;
		got = sys(__NR_mmap, from, to - from, mapping->prot,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		all = all && got == (long)from;
	}
	return all;
}

/* What has been made anonymous need not be looked for again; a hole in a range stays in the
 * list. Others may be doing the same: the bounds only ever come nearer. */
static void forget(uint64_t start, uint64_t end)
{
	for (uint64_t i = 0; i < discard_table.count; i++) {
		uint64_t *from = &discard_table.ranges[i].start;
		uint64_t *to = &discard_table.ranges[i].end;
		uint64_t first = __atomic_load_n(from, __ATOMIC_RELAXED);
		uint64_t last = __atomic_load_n(to, __ATOMIC_RELAXED);

		while (start <= first && end > first
		       && !__atomic_compare_exchange_n(from, &first, end, false,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
		while (end >= last && start < last
		       && !__atomic_compare_exchange_n(to, &last, start, false,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
	}
}

/* ---- Without /proc ----------------------------------------------------------------------- */

/* Only private memory cannot be mapped a second time (mremap(2), old_size 0, since 4.14). */
static bool is_shared(uint64_t page)
{
	long second = sys(__NR_mremap, page, 0, 4096, MREMAP_MAYMOVE);

	if (sys_failed(second))
		return false;
	sys(__NR_munmap, second, 4096);
	return true;
}

/* Only a file's memory cannot be freed lazily. */
static bool is_of_file(uint64_t page)
{
	return sys(__NR_madvise, page, 4096, MADV_FREE) == -EINVAL && !is_shared(page);
}

/* False if it cannot be written to; getrandom() finds that out. */
static bool clear(uint64_t page)
{
	if (sys(__NR_getrandom, page, 1, 0) != 1)
		return false;
	for (volatile uint64_t *word = (uint64_t *)page; word < (uint64_t *)(page + 4096); word++)
		*word = 0;
	return true;
}

/* The memory is not given back, but it is zero. */
static long clear_all(uint64_t start, uint64_t end)
{
	bool all = true;

	for (uint64_t page = start; page < end; page += 4096)
		if (touches(page, page + 4096) && is_of_file(page))
			all = clear(page) && all;
	return all ? 0 : -EAGAIN;
}

/* ---- The call ---------------------------------------------------------------------------- */

/* -EAGAIN: a kernel that lacks the resources may say so, too. */
static long discard_of_file(uint64_t start, uint64_t end)
{
	struct mapping own, mapping;
	struct maps maps;
	bool all = true;

	if (!find_file(&own) || !open_maps(&maps))
		return clear_all(start, end);
	while (next_mapping(&maps, &mapping))
		if (!mapping.shared && mapping.device == own.device
		    && mapping.inode == own.inode && mapping.start < end && mapping.end > start)
			all = renew(&mapping, start, end) && all;
	close_maps(&maps);
	if (all)
		forget(start, end);
	return all ? 0 : clear_all(start, end);
}

/* madvise(2), with what it returns in the kernel; for discard.S. */
long discard(uint64_t start, uint64_t length, int advice);

long discard(uint64_t start, uint64_t length, int advice)
{
	uint64_t end = start + ((length + 4095) & ~UINT64_C(4095));
	long result, renewed;

	/* The kernel does not free pages of files lazily. */
	if ((advice != MADV_DONTNEED && advice != MADV_FREE && advice != MADV_DONTNEED_LOCKED)
	    || start % 4096 || end <= start || !touches(start, end))
		return sys(__NR_madvise, start, length, advice);
	result = sys(__NR_madvise, start, length, advice == MADV_FREE ? MADV_DONTNEED : advice);
	if (result && result != -ENOMEM) /* a part is not mapped; the rest is done */
		return result;
	renewed = discard_of_file(start, end);
	return renewed ? renewed : result;
}
