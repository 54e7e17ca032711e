/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared anonymous memory keeps its content and is shared with the children of the dump; a
 * shared file mapping maps the file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LENGTH (1 << 20)

static void write_in_child(char *memory)
{
	pid_t pid = fork();

	if (pid == 0) {
		memory[LENGTH / 2] = 77;
		_exit(0);
	}
	CHECK(waitpid(pid, NULL, 0) == pid);
}

int main(void)
{
	char *memory, *read_only, *file, *path;
	int fd;

	roundtrip_begin();
	path = roundtrip_path("file");
	memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	read_only = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(!ftruncate(fd, 8192));
	file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED && read_only != MAP_FAILED && file != MAP_FAILED);
	close(fd);
	memset(memory, 3, 5000);
	strcpy(read_only + 4090, "across pages");
	CHECK(!mprotect(read_only, 8192, PROT_READ));
	strcpy(file + 4096, "to the file");
	roundtrip_cut();
	CHECK(memory[0] == 3 && memory[4999] == 3 && memory[5000] == 0 && !memory[LENGTH - 1]);
	CHECK_STRING(read_only + 4090, "across pages");
	CHECK(!mprotect(read_only, 8192, PROT_READ | PROT_WRITE));
	read_only[0] = 1;
	write_in_child(memory);
	CHECK_EQUAL(memory[LENGTH / 2], 77);
	CHECK_STRING(file + 4096, "to the file");
	strcpy(file + 4096, "and back");
	CHECK(!msync(file, 8192, MS_SYNC));
	CHECK_STRING(roundtrip_read(path) + 4096, "and back");
	return 0;
}
