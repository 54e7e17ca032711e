/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of this machine's system calls, from the kernel's own header (Makefile.am).
 */
#include <stddef.h>
#include <string.h>

#include <asm/unistd.h>

#include "base/names.h"

static const struct {
	const char *name;
	long number;
} calls[] = {
#include "syscall_names.inc"
};

long syscall_number(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	return -1;
}
