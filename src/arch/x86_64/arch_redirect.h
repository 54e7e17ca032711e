/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the code that stays in a dump needs of the machine. Freestanding.
 */
#ifndef ARCH_REDIRECT_H
#define ARCH_REDIRECT_H

#include <stdint.h>

static inline void arch_copy_page(uint64_t to, uint64_t from)
{
	uint64_t words = 4096 / sizeof(uint64_t);

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

#endif
