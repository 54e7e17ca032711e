/* SPDX-License-Identifier: MIT
 *
 * x86-64: code that compares a variable of 32 bits with what a function without arguments returns,
 *
 *	mov  owner(%rip), %ebx		or	call getpid
 *	call getpid				cmp  owner(%rip), %eax
 *	cmp  %eax, %ebx
 *
 * and the stub through which it calls a function of another library.
 */
#include <string.h>

#include "arch_code.h"

#define LOAD 6 /* bytes of mov variable(%rip), %register */
#define CALL 5

static uint64_t add_displacement(uint64_t address, const unsigned char *code)
{
	int32_t displacement;

	memcpy(&displacement, code, sizeof(displacement));
	return address + (uint64_t)(int64_t)displacement;
}

/* cmp %eax, %number or cmp %number, %eax */
static bool compares_result(const unsigned char *code, int number)
{
	return (code[0] == 0x39 && code[1] == (0xc0 | number))
	       || (code[0] == 0x3b && code[1] == (0xc0 | number << 3))
	       || (code[0] == 0x3b && code[1] == (0xc0 | number))
	       || (code[0] == 0x39 && code[1] == (0xc0 | number << 3));
}

/* The variable; 0: none. The call is at `code`. */
static uint64_t compared_variable(const unsigned char *code, uint64_t address)
{
	const unsigned char *load = code - LOAD, *after = code + CALL;

	if (load[0] == 0x8b && (load[1] & 0xc7) == 5 && compares_result(after, load[1] >> 3 & 7))
		return add_displacement(address, load + 2);
	if ((after[0] == 0x39 || after[0] == 0x3b) && after[1] == 5)
		return add_displacement(address + CALL + 6, after + 2);
	return 0;
}

size_t arch_find_compared(const unsigned char *code, size_t length, uint64_t address,
			  struct arch_compared *ret)
{
	for (size_t at = ARCH_COMPARED_BEFORE; at + ARCH_COMPARED_AFTER <= length; at++) {
		uint64_t variable = code[at] == 0xe8 ? compared_variable(code + at, address + at) : 0;

		if (!variable)
			continue;
		ret->variable = variable;
		ret->function = add_displacement(address + at + CALL, code + at + 1);
		return at + CALL;
	}
	return 0;
}

uint64_t arch_linkage_pointer(const unsigned char code[ARCH_LINKAGE], uint64_t address)
{
	size_t at = memcmp(code, "\xf3\x0f\x1e\xfa" /* endbr64 */, 4) ? 0 : 4;

	at += code[at] == 0xf2; /* bnd, as some linkers write it */
	if (code[at] != 0xff || code[at + 1] != 0x25)
		return 0;
	return add_displacement(address + at + 6, code + at + 2);
}
