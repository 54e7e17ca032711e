/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program with many mappings (its second argument), each with a number in it. It dumps itself
 * to its first argument; the dump checks the numbers and prints "all there".
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <unexec.h>

#define PAGE 4096

/* With a hole after each. */
static char *make(long count)
{
	char *memory = mmap(NULL, (size_t)count * 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		exit(99);
	for (long i = 0; i < count; i++) {
		*(long *)(memory + 2 * i * PAGE) = i;
		if (munmap(memory + (2 * i + 1) * PAGE, PAGE))
			exit(77); /* vm.max_map_count */
	}
	return memory;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 0;
	char *memory = make(count);
	int status = unexec_dump(argv[1], NULL, NULL);

	if (status != UNEXEC_RESUMED)
		return status == UNEXEC_DUMPED ? 0 : 1;
	for (long i = 0; i < count; i++)
		if (*(long *)(memory + 2 * i * PAGE) != i)
			return 1;
	puts("all there");
	return 0;
}
