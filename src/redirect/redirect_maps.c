/* SPDX-License-Identifier: MIT
 *
 * Reads /proc/self/maps: "start-end rwxp offset major:minor inode name" (proc_pid_maps(5)).
 */
#include "redirect.h"

static int next_byte(struct maps *maps)
{
	if (maps->at == maps->length) {
		long got = sys(__NR_read, maps->descriptor, maps->bytes, sizeof(maps->bytes));

		if (got <= 0)
			return -1;
		maps->at = 0;
		maps->length = (uint32_t)got;
	}
	return (unsigned char)maps->bytes[maps->at++];
}

/* Takes the byte after the digits as well, and stores it. */
static uint64_t number(struct maps *maps, unsigned base, int *ret_byte)
{
	uint64_t value = 0;

	for (;;) {
		int byte = next_byte(maps);

		if (byte >= '0' && byte <= '9')
			value = value * base + (unsigned)(byte - '0');
		else if (base == 16 && byte >= 'a' && byte <= 'f')
			value = value * 16 + (unsigned)(byte - 'a') + 10;
		else {
			*ret_byte = byte;
			return value;
		}
	}
}

bool maps_next(struct maps *maps, struct mapping *mapping)
{
	int byte;

	mapping->span.start = number(maps, 16, &byte);
	mapping->span.end = number(maps, 16, &byte);
	mapping->prot = next_byte(maps) == 'r' ? PROT_READ : 0;
	mapping->prot |= next_byte(maps) == 'w' ? PROT_WRITE : 0;
	mapping->prot |= next_byte(maps) == 'x' ? PROT_EXEC : 0;
	mapping->shared = next_byte(maps) != 'p';
	next_byte(maps);
	number(maps, 16, &byte);
	mapping->device = number(maps, 16, &byte) << 32;
	mapping->device |= number(maps, 16, &byte);
	mapping->inode = number(maps, 10, &byte);
	while (byte == ' ')
		byte = next_byte(maps);
	/* "[vdso]", "[vvar]"; but "[heap]" and "[stack]" are ordinary memory. */
	mapping->special = byte == '[' && next_byte(maps) == 'v';
	while (byte >= 0 && byte != '\n')
		byte = next_byte(maps);
	return mapping->span.end != 0;
}

bool maps_open(struct maps *maps)
{
	maps->at = maps->length = 0;
	maps->descriptor = sys(__NR_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
	return maps->descriptor >= 0;
}

void maps_close(const struct maps *maps)
{
	sys(__NR_close, maps->descriptor);
}

bool maps_find_own(struct mapping *own)
{
	uint64_t here = (uint64_t)&maps_find_own;
	struct maps maps;
	bool found = false;

	if (!maps_open(&maps))
		return false;
	while (!found && maps_next(&maps, own))
		found = here >= own->span.start && here < own->span.end;
	maps_close(&maps);
	return found;
}
