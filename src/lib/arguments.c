/* SPDX-License-Identifier: MIT
 *
 * The arguments of this process, and where the first program found its own.
 */
#include "state.h"

struct library_state unexec_library;

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
