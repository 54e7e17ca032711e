/* SPDX-License-Identifier: MIT
 *
 * Memory with MADV_DONTFORK, such as V8's heap, belongs in a dump, but a fork does not copy it.
 * The flag is removed while the copy is made. The writer reads the list of mappings from the
 * original, so the copy waits until all flags are restored there.
 *
 * Uses only raw system calls: parked threads may hold libc's locks.
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

/* as many mappings as a process may have by default (vm.max_map_count) */
#define ROOM 65536

struct marked {
	uint64_t start, length;
};

static struct {
	struct marked *list; /* NULL: no memory has the flag */
	uint32_t count;
	int wait, go; /* the ends of a pipe; closing `go` releases the copy */
} dontfork;

/* Reads the rest of a line of two-letter flags. Is "dc" (do not copy on fork) among them? */
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

/* Finds the next range of /proc/self/smaps with the flag. The first line of a mapping begins
 * with a number and ends with a name, which may contain any characters; the others begin
 * with a capital letter. */
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
		/* Devices refuse; dumps do not contain them anyway. */
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
	/* This also ends when the original ends. */
	while (sys(SYS_read, dontfork.wait, &none, 1) == -EINTR)
		;
	sys(SYS_close, dontfork.wait);
	end_list();
}
