/* SPDX-License-Identifier: MIT
 *
 * x86-64: the code by which a libc registers its first thread with the kernel,
 *
 *	lea  0x628(%rdx), %rdi		or	lea  lock(%rip), %rdi
 *	mov  $218, %eax				mov  $218, %eax
 *	syscall					syscall
 *	mov  %eax, 0x2d0(%rdx)			mov  %eax, 0x30(%rbx)
 *
 * which is set_tid_address(), and stores the TID that it returns. The first form is glibc's
 * (__tls_init_tp), the second musl's (__init_tp). Other instructions may lie between these.
 */
#include <string.h>
#include <sys/syscall.h>

#include "arch_code.h"

/* An operand of the form displacement(%register). */
struct operand {
	int base; /* the register's number, or one of these */
	int64_t displacement;
	size_t length; /* of the instruction; 0: it is of another form */
};
#define BASE_COUNTER 16
#define BASE_THREAD 17 /* %fs */

static int64_t read_displacement(const unsigned char *code, size_t size)
{
	int32_t word;

	if (size == 1)
		return (int8_t)*code;
	memcpy(&word, code, sizeof(word));
	return word;
}

/* For an instruction of one byte with its ModRM byte at code[1]. `extended`: its prefix has
 * REX.B. */
static struct operand operand_of(const unsigned char *code, bool extended)
{
	int mod = code[1] >> 6, base = code[1] & 7;

	if (mod == 0 && base == 5)
		return (struct operand){ BASE_COUNTER, read_displacement(code + 2, 4), 6 };
	if (mod == 0 || mod == 3 || base == 4 /* more bytes follow */)
		return (struct operand){ 0 };
	return (struct operand){ .base = extended ? base + 8 : base,
				 .displacement = read_displacement(code + 2, mod == 1 ? 1 : 4),
				 .length = mod == 1 ? 3 : 6 };
}

/* lea …, %rdi */
static struct operand address_loaded(const unsigned char *code)
{
	struct operand operand;

	if ((code[0] & 0xfe) != 0x48 || code[1] != 0x8d || (code[2] >> 3 & 7) != 7)
		return (struct operand){ 0 };
	operand = operand_of(code + 1, code[0] & 1);
	if (operand.length)
		operand.length++;
	return operand;
}

/* mov %eax, … */
static struct operand place_stored(const unsigned char *code)
{
	static const unsigned char thread[] = { 0x64, 0x89, 0x04, 0x25 };

	if (!memcmp(code, thread, sizeof(thread)))
		return (struct operand){ BASE_THREAD, read_displacement(code + 4, 4), 8 };
	if (code[0] == 0x41 && code[1] == 0x89 && (code[2] >> 3 & 7) == 0)
		return operand_of(code + 1, true);
	if (code[0] == 0x89 && (code[1] >> 3 & 7) == 0)
		return operand_of(code, false);
	return (struct operand){ 0 };
}

static bool has_number(const unsigned char *code, size_t length)
{
	const unsigned char move[] = { 0xb8, SYS_set_tid_address, 0, 0, 0 };

	for (size_t i = 0; i + sizeof(move) <= length; i++)
		if (!memcmp(code + i, move, sizeof(move)))
			return true;
	return false;
}

/* `code` begins so many bytes before the system call. */
static bool describe_tid_code(const unsigned char *code, uint64_t address,
			      struct arch_tid_code *ret)
{
	struct operand stored = place_stored(code + ARCH_TID_CODE_BEFORE
					     + ARCH_SYSCALL_LENGTH), loaded;

	if (!stored.length || stored.base == BASE_COUNTER)
		return false;
	for (size_t at = ARCH_TID_CODE_BEFORE; at--;) {
		loaded = address_loaded(code + at);
		if (!loaded.length || at + loaded.length > ARCH_TID_CODE_BEFORE)
			continue;
		ret->absolute = loaded.base == BASE_COUNTER;
		if (!ret->absolute && stored.base != BASE_THREAD && loaded.base != stored.base)
			return false;
		ret->clear = loaded.displacement;
		if (ret->absolute)
			ret->clear += (int64_t)(address + at + loaded.length);
		ret->tid = stored.displacement;
		return true;
	}
	return false;
}

size_t arch_find_tid_code(const unsigned char *code, size_t length, uint64_t address,
			  struct arch_tid_code *ret)
{
	const unsigned char *at = code + ARCH_TID_CODE_BEFORE;

	while (length >= ARCH_TID_CODE && at + ARCH_TID_CODE_AFTER <= code + length) {
		const unsigned char *start = at - ARCH_TID_CODE_BEFORE;

		if (!memcmp(at, ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH)
		    && has_number(start, ARCH_TID_CODE_BEFORE)
		    && describe_tid_code(start, address + (uint64_t)(start - code), ret))
			return (size_t)(at - code) + ARCH_SYSCALL_LENGTH;
		at = memchr(at + 1, ARCH_SYSCALL_CODE[0], (size_t)(code + length - at - 1));
		if (!at)
			break;
	}
	return 0;
}
