/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Protection of memory: PROT_… of mmap(2) and PF_… of program headers.
 */
#ifndef ELF_FLAGS_H
#define ELF_FLAGS_H

#include <elf.h>
#include <stdint.h>
#include <sys/mman.h>

static inline uint32_t elf_flags_of(uint32_t prot)
{
	return (prot & PROT_READ ? PF_R : 0) | (prot & PROT_WRITE ? PF_W : 0)
	       | (prot & PROT_EXEC ? PF_X : 0);
}

static inline uint32_t elf_prot_of(uint32_t flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0)
	       | (flags & PF_X ? PROT_EXEC : 0);
}

#endif
