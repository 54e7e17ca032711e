/* SPDX-License-Identifier: MIT
 *
 * Lists the content of shared memory without a file. The frozen copy does this for the writer,
 * which reads the memory through the copy. Uses only raw system calls.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "state.h"

/* Writes the digits of `number` at `to`; returns the address after the last. */
static char *hexadecimal(char *to, uint64_t number)
{
	int shift = 60;

	while (shift && !(number >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[number >> shift & 15];
	return to;
}

bool shared_is_object(const struct maps_entry *entry)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(entry->name), suffix = sizeof(deleted) - 1;

	if (entry->permissions[3] != 's')
		return false;
	if (entry->name[0] != '/')
		return true;
	return length >= suffix && !memcmp(entry->name + length - suffix, deleted, suffix);
}

/* The limit for runs of pages; their list takes 64 MB of addresses. */
#define RESIDENT_ROOM (UINT64_C(1) << 22)

static void note_resident(struct handoff *handoff, uint64_t start, uint64_t end)
{
	struct handoff_resident *list = (struct handoff_resident *)handoff->resident;
	uint64_t count = handoff->resident_count;

	if (count == HANDOFF_ALL_RESIDENT)
		return;
	if (count && list[count - 1].end == start)
		list[count - 1].end = end;
	else if (count == RESIDENT_ROOM)
		handoff->resident_count = HANDOFF_ALL_RESIDENT;
	else
		list[handoff->resident_count++] = (struct handoff_resident){ start, end };
}

/* Page tables show the pages that this process has touched, mincore() those in the page
 * cache (mm/mincore.c: all of them if the caller may not know). Reading the rest would fill
 * its holes, also in the original. A descriptor of the object, which the kernel gives only
 * to privileged processes, shows more. */
static void find_resident(struct handoff *handoff, const struct maps_entry *entry)
{
	unsigned char pages[4096];
	const uint64_t page = page_size();

	for (uint64_t at = entry->start, step; at < entry->end; at += step) {
		step = entry->end - at;
		if (step > sizeof(pages) * page)
			step = sizeof(pages) * page;
		if (sys(SYS_mincore, at, step, pages)) {
			note_resident(handoff, at, at + step);
			continue;
		}
		for (uint64_t i = 0; i < step / page; i++)
			if (pages[i] & 1)
				note_resident(handoff, at + i * page, at + (i + 1) * page);
	}
}

/* Can the writer get a descriptor of the mapped object? */
static bool has_map_file(const struct maps_entry *entry)
{
	static const char directory[] = "/proc/self/map_files/";
	char name[sizeof(directory) + 40], *end = name + sizeof(directory) - 1;
	long descriptor;

	memcpy(name, directory, sizeof(directory));
	end = hexadecimal(end, entry->start);
	*end++ = '-';
	*hexadecimal(end, entry->end) = 0;
	descriptor = sys(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	if (sys_failed(descriptor))
		return false;
	sys(SYS_close, descriptor);
	return true;
}

static void prepare_list(struct handoff *handoff)
{
	long list = sys(SYS_mmap, 0, RESIDENT_ROOM * sizeof(struct handoff_resident),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			-1, 0);

	handoff->resident = sys_failed(list) ? 0 : (uint64_t)list;
	handoff->resident_count = sys_failed(list) ? HANDOFF_ALL_RESIDENT : 0;
}

long shared_find_resident(struct handoff *handoff, int maps)
{
	struct maps_reader reader = { .descriptor = maps };
	struct maps_entry entry;

	prepare_list(handoff);
	while (maps_next(&reader, &entry))
		if (shared_is_object(&entry) && !has_map_file(&entry))
			find_resident(handoff, &entry);
	return maps_failed(&reader);
}
