/* SPDX-License-Identifier: MIT
 *
 * x86-64: the address of main(), from the code at a program's entry.
 */
#ifndef ARCH_ENTRY_H
#define ARCH_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The length of code that is searched. */
#define ARCH_ENTRY_CODE 80

/* crt1.o's _start loads the address into %rdi (lea, mov from the GOT, or mov of a constant)
 * right before it calls __libc_start_main. Returns the address, with *ret_indirect that of the
 * word that holds it, or 0 if the code is of another form. */
static inline uint64_t arch_main_in_code(const unsigned char *code, uint64_t entry,
					 bool *ret_indirect)
{
	int32_t operand;
	uint64_t found = 0;

	*ret_indirect = false;
	for (int i = 0; i < 64; i++) {
		memcpy(&operand, code + i + 3, sizeof(operand));
		if (code[i] == 0x48 && code[i + 1] == 0x8d && code[i + 2] == 0x3d)
			found = entry + (uint64_t)i + 7 + (uint64_t)(int64_t)operand;
		else if (code[i] == 0x48 && code[i + 1] == 0xc7 && code[i + 2] == 0xc7)
			found = (uint64_t)(int64_t)operand;
		else if (code[i] == 0x48 && code[i + 1] == 0x8b && code[i + 2] == 0x3d)
			found = entry + (uint64_t)i + 7 + (uint64_t)(int64_t)operand;
		else
			continue;
		*ret_indirect = code[i + 1] == 0x8b;
		/* call *rel(%rip), or call rel */
		if (!(code[i + 7] == 0xff && code[i + 8] == 0x15) && code[i + 7] != 0xe8
		    && !(code[i + 7] == 0x67 && code[i + 8] == 0xe8))
			found = 0;
		return found;
	}
	return 0;
}

/* The library: the address of its program's main(), 0 if the code at the entry is of another
 * form. */
static inline uint64_t arch_find_main(uint64_t entry)
{
	bool indirect;
	uint64_t found = arch_main_in_code((const unsigned char *)entry, entry, &indirect);

	return found && indirect ? *(const uint64_t *)found : found;
}

#endif
