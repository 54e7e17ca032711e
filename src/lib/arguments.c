/* SPDX-License-Identifier: MIT
 *
 * The arguments of this process, and where the first program found its own.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <sys/auxv.h>

#include "state.h"

struct library_state unexec_library;

/* The auxiliary vector lies behind the environment that the program began with. That it is
 * the one libc uses is checked by two of its values. */
static uint64_t *find_auxv(char **envp)
{
	uint64_t *auxv, *entry;
	int matches = 0;

	while (*envp)
		envp++;
	auxv = (uint64_t *)(envp + 1);
	for (entry = auxv; entry[0] != AT_NULL && entry - auxv < 2 * 64; entry += 2)
		if ((entry[0] == AT_ENTRY || entry[0] == AT_RANDOM)
		    && entry[1] == getauxval(entry[0]))
			matches++;
	return matches == 2 ? auxv : NULL;
}

/* libc gives these to constructors of programs and libraries (glibc elf/dl-init.c,
 * csu/libc-start.c), also when the library is loaded late. `environ` may be elsewhere by
 * then; the array that the kernel made is still behind argv. */
__attribute__((constructor)) static void note_arguments(int argc, char **argv, char **envp)
{
	(void)envp;
	if (!argv)
		return;
	library.argc = argc;
	library.argv = argv;
	library.envp = argv + argc + 1;
	library.first_stack = (uint64_t)(argv - 1);
	library.first_auxv = find_auxv(library.envp);
}

int unexec_generation(void)
{
	return library.generation;
}

void unexec_arguments(int *argc, char ***argv, char ***envp)
{
	if (argc)
		*argc = library.argc;
	if (argv)
		*argv = library.argv;
	if (envp)
		*envp = library.envp;
}
