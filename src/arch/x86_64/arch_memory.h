/* SPDX-License-Identifier: MIT
 *
 * x86-64: copies and fills memory without libc, for the restarter and the redirect code.
 */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <stdint.h>

#include "arch_machine.h"

static inline void *arch_copy(void *to, const void *from, uint64_t length)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
	return result;
}

static inline void *arch_fill(void *to, int byte, uint64_t length)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(byte) : "memory");
	return result;
}

/* Copies ARCH_PAGE_MIN bytes between addresses that are multiples of it. */
static inline void arch_copy_page(uint64_t to, uint64_t from)
{
	uint64_t words = ARCH_PAGE_MIN / sizeof(uint64_t);

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

#endif
