/* SPDX-License-Identifier: MIT
 *
 * The arguments of this process, and the address of the first program's.
 */
#include "state.h"

struct library_state unexec_library;

/* libc passes these to constructors of programs and libraries (glibc elf/dl-init.c,
 * csu/libc-start.c), even if the library is loaded late. By then `environ` may point
 * elsewhere, but the kernel's array still follows argv. */
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
