/* SPDX-License-Identifier: MIT
 *
 * x86-64: the code of glibc in which a new thread begins. clone3() leaves its return address at
 * the top of the thread's stack; start_thread() registers rseq, then calls the thread's
 * function by a pointer:
 *
 *	call *%rdx			__clone3
 *	mov  %rax, %rdi
 *	mov  $60, %eax			exit
 *	syscall
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>

#include "arch_code.h"

bool arch_is_thread_end(const unsigned char *code)
{
	static const unsigned char end[] = { 0xff, 0xd2, 0x48, 0x89, 0xc7, 0xb8, SYS_exit, 0, 0, 0,
					     0x0f, 0x05 };

	_Static_assert(sizeof(end) == ARCH_THREAD_END, "ARCH_THREAD_END");
	return !memcmp(code, end, sizeof(end));
}

size_t arch_find_rseq_code(const unsigned char *code, size_t length)
{
	static const unsigned char move[] = { 0xb8, SYS_rseq & 0xff, SYS_rseq >> 8, 0, 0 };
	const unsigned char *at = memmem(code, length, move, sizeof(move)), *found;
	size_t rest;

	if (!at)
		return 0;
	at += sizeof(move);
	rest = (size_t)(code + length - at);
	/* The code may load the arguments in between. */
	found = memmem(at, rest < 32 ? rest : 32, ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH);
	return (size_t)((found ? found + ARCH_SYSCALL_LENGTH : at) - code);
}

enum arch_function_call arch_function_call_before(const unsigned char code[ARCH_FUNCTION_CALL])
{
	const unsigned char *end = code + ARCH_FUNCTION_CALL;

	if (end[-5] == 0xe8)
		return ARCH_FUNCTION_CALL_DIRECT;
	/* ff /2: by a register, with 8 and with 32 bits of displacement, of %fs */
	if ((end[-2] == 0xff && (end[-1] & 0xf8) == 0xd0)
	    || (end[-3] == 0xff && (end[-2] & 0xf8) == 0x50)
	    || (end[-6] == 0xff && (end[-5] & 0xf8) == 0x90)
	    || (end[-8] == 0x64 && end[-7] == 0xff && end[-6] == 0x14 && end[-5] == 0x25))
		return ARCH_FUNCTION_CALL_BY_POINTER;
	return ARCH_FUNCTION_CALL_NONE;
}
