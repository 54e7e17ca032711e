/* SPDX-License-Identifier: MIT
 *
 * The seccomp filters that a process has been started with: a container's, a sandbox's. Whoever
 * starts the dump decides about those. Filters that the program installs later are its own.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "state.h"

/* Reads the line Seccomp_filters of /proc/self/status (since 5.9). Returns 1 without it. */
static uint32_t read_count(void)
{
	static const char key[] = "\nSeccomp_filters:\t";
	char text[4096];
	long descriptor = sys(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
	long length;
	const char *line;

	if (sys_failed(descriptor))
		return 1;
	length = sys(SYS_read, descriptor, text, sizeof(text) - 1);
	sys(SYS_close, descriptor);
	text[length > 0 ? length : 0] = 0;
	line = strstr(text, key);
	return line ? (uint32_t)strtoul(line + sizeof(key) - 1, NULL, 10) : 1;
}

__attribute__((constructor)) void filters_note(void)
{
	library.inherited_filters = sys(SYS_prctl, PR_GET_SECCOMP) > 0 ? read_count() : 0;
}
