/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints the addresses of things in this process, one a line, for aslr.py: places [FILE]. With
 * FILE, the process is dumped, and the dump prints them.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include <unexec.h>

static void *of_thread(void *ret)
{
	int local;

	*(uintptr_t *)ret = (uintptr_t)&local;
	return NULL;
}

/* Returns the address of the kernel's vDSO now; libc has the address at its start. */
static uintptr_t kernels_vdso(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	uintptr_t found = 0;

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]"))
			found = strtoul(line, NULL, 16);
	if (maps)
		fclose(maps);
	return found;
}

static void print(const char *what, const volatile void *place)
{
	printf("%012lx %s\n", (unsigned long)(uintptr_t)place, what);
}

int main(int argc, char **argv)
{
	void *block = malloc(100), *large = malloc(1 << 20), *later;
	uintptr_t thread;
	pthread_t id;
	int local;

	if (argc > 1) {
		int status = unexec_dump(argv[1], NULL, NULL);

		if (status != UNEXEC_RESUMED)
			return status < 0;
		unexec_arguments(&argc, &argv, NULL);
	}
	if (pthread_create(&id, NULL, of_thread, &thread) || pthread_join(id, NULL))
		return 1;
	later = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	print("the program", (void *)(uintptr_t)main);
	print("libraries", stdout);
	print("heap", block);
	print("large blocks", large);
	print("stack", &local);
	print("a new thread's stack", (void *)thread);
	print("memory that is mapped later", later);
	print("arguments, environment", argv[0]);
	print("the kernel's vDSO", (void *)kernels_vdso());
	return 0;
}
