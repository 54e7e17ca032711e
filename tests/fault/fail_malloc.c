/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A preloaded library that makes one call of malloc, calloc or realloc return NULL, in the
 * unexec program, or in the subject while it is in unexec_dump().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fault.h"

/* glibc also exports its own allocator under these names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static struct fault_shared *shared;
static bool is_tool;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv(FAULT_SHARED);
	int fd;
	void *memory;

	is_tool = !strcmp(program_invocation_short_name, "unexec");
	if (!path)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return;
	shared = memory;
}

static bool fails(void)
{
	if (!shared || (!is_tool && !shared->armed) || ++shared->seen != shared->at)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}
