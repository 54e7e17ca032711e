/* SPDX-License-Identifier: MIT
 *
 * Memory that is not handed on to a fork (MADV_DONTFORK: V8's heap is) is the program's
 * all the same, and belongs in a dump. The mark is taken off for the moment in which the
 * copy is made. The writer reads the list of mappings from the original, so the copy
 * waits until all marks are back there.
 *
 * Raw system calls alone: parked threads may hold libc's locks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "arch_syscall.h"
#include "shared/proc_maps.h"
#include "state.h"

/* Room for as many mappings as a process may have by default (vm.max_map_count). */
#define ROOM 65536

struct marked {
	uint64_t start, length;
};

static struct {
	struct marked *list; /* NULL: nothing is marked */
	uint32_t count;
	int wait, go; /* the ends of a pipe; the copy goes on when `go` is closed */
} dontfork;

/* Reads the rest of a line of two-letter flags: is "dc" (do not copy on fork) among them? */
static bool has_dontfork(struct maps_reader *reader)
{
	int before = 0, c;
	bool found = false;

	while ((c = maps_character(reader)) >= 0 && c != '\n') {
		found |= before == 'd' && c == 'c';
		before = c;
	}
	return found;
}

/* The next range of /proc/self/smaps that is marked. Of each mapping's lines the first begins
 * with a number, which a name with any characters may follow, and all others with a capital
 * letter. */
static bool next_marked(struct maps_reader *reader, struct marked *ret)
{
	int c;

	while ((c = maps_character(reader)) >= 0) {
		if (c == 'V') { /* VmFlags */
			if (has_dontfork(reader))
				return true;
			continue;
		}
		if (c < 'A' || c > 'Z') {
			reader->at--;
			ret->start = maps_hexadecimal(reader);
			ret->length = maps_hexadecimal(reader) - ret->start;
		}
		do
			c = maps_character(reader);
		while (c >= 0 && c != '\n');
	}
	return false;
}

static long start_list(void)
{
	int ends[2];
	long failed = sys(SYS_pipe2, ends, O_CLOEXEC), list;

	if (failed)
		return failed;
	list = sys(SYS_mmap, 0, ROOM * sizeof(struct marked), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (sys_failed(list)) {
		sys(SYS_close, ends[0]);
		sys(SYS_close, ends[1]);
		return list;
	}
	dontfork.wait = ends[0];
	dontfork.go = ends[1];
	dontfork.list = (struct marked *)list;
	return 0;
}

static void end_list(void)
{
	sys(SYS_munmap, dontfork.list, ROOM * sizeof(struct marked));
	dontfork.list = NULL;
	dontfork.count = 0;
}

long dontfork_lift(void)
{
	struct maps_reader reader = { .have = 0 };
	struct marked marked = { 0, 0 };
	long failed = 0;

	reader.descriptor = sys(SYS_openat, AT_FDCWD, "/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	if (sys_failed(reader.descriptor))
		return reader.descriptor;
	while (!failed && dontfork.count < ROOM && next_marked(&reader, &marked)) {
		if (!dontfork.list)
			failed = start_list();
		/* Devices refuse; they are not dumped anyway. */
		if (!failed && !sys(SYS_madvise, marked.start, marked.length, MADV_DOFORK))
			dontfork.list[dontfork.count++] = marked;
	}
	sys(SYS_close, reader.descriptor);
	return failed ? failed : maps_failed(&reader);
}

void dontfork_put_back(void)
{
	int go = dontfork.go;

	if (!dontfork.list)
		return;
	sys(SYS_close, dontfork.wait);
	for (uint32_t i = 0; i < dontfork.count; i++)
		sys(SYS_madvise, dontfork.list[i].start, dontfork.list[i].length,
		    MADV_DONTFORK);
	end_list();
	sys(SYS_close, go);
}

void dontfork_wait(void)
{
	char none;

	if (!dontfork.list)
		return;
	sys(SYS_close, dontfork.go);
	/* Ends with the original, too. */
	while (sys(SYS_read, dontfork.wait, &none, 1) == -EINTR)
		;
	sys(SYS_close, dontfork.wait);
	end_list();
}
