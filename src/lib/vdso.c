/* SPDX-License-Identifier: MIT
 *
 * The vDSOs of the process. Their code reads data of the kernel that is not in a dump, so no
 * thread may be dumped inside one. A process that is a dump itself has two: libc knows the
 * address of the old one, where the vDSO proxy lies, and the kernel has mapped its own.
 */
#include <link.h>
#include <stddef.h>

#include "state.h"

static struct {
	uint64_t start, end;
} vdsos[2];

static uint64_t own_vdso(void)
{
	const uint64_t *entry = (const uint64_t *)library.boot.auxv;

	for (; entry && entry[0] != AT_NULL; entry += 2)
		if (entry[0] == AT_SYSINFO_EHDR)
			return entry[1];
	return 0;
}

/* The section headers are the last part of a vDSO. */
static uint64_t vdso_end(uint64_t address)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)address;

	return address + header->e_shoff + header->e_shnum * (uint64_t)header->e_shentsize;
}

void vdso_note(void)
{
	vdsos[0].start = getauxval(AT_SYSINFO_EHDR);
	vdsos[1].start = own_vdso();
	for (int i = 0; i < 2; i++)
		vdsos[i].end = vdsos[i].start ? vdso_end(vdsos[i].start) : 0;
}

bool vdso_contains(uint64_t address)
{
	for (int i = 0; i < 2; i++)
		if (address >= vdsos[i].start && address < vdsos[i].end)
			return true;
	return false;
}
