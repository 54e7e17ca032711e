/* SPDX-License-Identifier: MIT
 *
 * x86-64: patterns of machine code, also those of libc: libunexec recognises them in a process's
 * code, or writes them into it.
 */
#ifndef ARCH_CODE_H
#define ARCH_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arch_machine.h"

/* ---- Breakpoints -------------------------------------------------------------------------- */

/* A debugger overwrites the start of an instruction with this: int3. */
#define ARCH_BREAKPOINT_CODE "\xcc"
#define ARCH_BREAKPOINT_LENGTH 1
/* The distance from its start to the program counter of a thread that has executed it. */
#define ARCH_BREAKPOINT_ADVANCE 1

/* ---- System calls ------------------------------------------------------------------------- */

#define ARCH_SYSCALL_CODE "\x0f\x05"
#define ARCH_SYSCALL_LENGTH 2

/* A system call and a return. */
#define ARCH_SYSCALL_RETURN_CODE ARCH_SYSCALL_CODE "\xc3"

/* The code that signal handlers return to: mov $15, %rax; syscall, which is rt_sigreturn. glibc
 * and musl write it so, and unwinders (gdb, libgcc) recognise it. */
#define ARCH_RESTORER_CODE "\x48\xc7\xc0\x0f\0\0\0" ARCH_SYSCALL_CODE
#define ARCH_RESTORER_LENGTH 9

static inline bool arch_is_restorer(const unsigned char code[ARCH_RESTORER_LENGTH])
{
	return !memcmp(code, ARCH_RESTORER_CODE, ARCH_RESTORER_LENGTH);
}

/* True if a thread whose program counter points to `code` is about to make a system call or is in
 * one, so that its registers hold the call's arguments. Reads ARCH_SYSCALL_LENGTH bytes before and
 * after. */
bool arch_is_syscall(const unsigned char *code);

/* ---- Calls of functions ------------------------------------------------------------------- */

/* The kind of call that these bytes end with. */
enum arch_function_call {
	ARCH_FUNCTION_CALL_NONE,
	ARCH_FUNCTION_CALL_DIRECT,
	ARCH_FUNCTION_CALL_BY_POINTER
};
#define ARCH_FUNCTION_CALL 8
enum arch_function_call arch_function_call_before(const unsigned char code[ARCH_FUNCTION_CALL]);

/* ---- libc: threads that begin and end: thread_code.c -------------------------------------- */

/* True if these bytes are the end of the code that has called a thread's start function. */
#define ARCH_THREAD_END 12
#define ARCH_THREAD_END_CALL 2 /* the offset in them of the return address */
bool arch_is_thread_end(const unsigned char *code);

/* Returns how many bytes lie before the end of the first system call rseq(); 0: there is none. */
size_t arch_find_rseq_code(const unsigned char *code, size_t length);

/* ---- libc: the first thread: tid_code.c --------------------------------------------------- */

/* The code by which libc registered its first thread with the kernel, by set_tid_address(), and
 * stored the TID that this returned. */
struct arch_tid_code {
	bool absolute; /* `clear` is an address, not relative to the thread pointer */
	int64_t clear; /* the word that the kernel clears when the thread ends */
	int64_t tid;   /* from the thread pointer: the word that holds the TID */
};
/* The pattern extends so far before that system call, and so far from its start on. */
#define ARCH_TID_CODE_BEFORE 64
#define ARCH_TID_CODE_AFTER 16
#define ARCH_TID_CODE (ARCH_TID_CODE_BEFORE + ARCH_TID_CODE_AFTER)
/* Looks for the first such code in these bytes, which begin at `address`; the first
 * ARCH_TID_CODE_BEFORE and the last ARCH_TID_CODE_AFTER are only its surroundings. Returns how
 * many bytes lie before the end of the system call; 0: there is none. */
size_t arch_find_tid_code(const unsigned char *code, size_t length, uint64_t address,
			  struct arch_tid_code *ret);

/* ---- libc: words of the control block: held.c --------------------------------------------- */

/* A use of a word of the thread's control block, by the instruction `at` bytes from the start of a
 * function. The instruction loads the word into register `number`; stores that register at, or
 * compares it with, the memory `offset` bytes from where register `base` points. Registers have
 * DWARF's numbers. */
enum arch_held_kind { ARCH_LOADED, ARCH_STORED, ARCH_COMPARED };
struct arch_held {
	enum arch_held_kind kind;
	int number, base;
	int32_t offset;
	uint32_t at;
};
/* Calls found(context, …) for each such instruction in the code of a function. `offset` is the
 * word's, from the thread pointer. */
void arch_find_held(const unsigned char *code, size_t length, uint32_t offset,
		    void (*found)(void *context, const struct arch_held *held), void *context);

/* True if a function that loads the word may also compare it, in this code or in a separate part of
 * the function (a cold part). is_part(context, at) returns whether such a part lies `at` bytes from
 * the function's start. */
bool arch_may_compare(const unsigned char *code, size_t length, uint32_t offset,
		      bool (*is_part)(void *context, int64_t at), void *context);

/* ---- Variables that are compared with a function's result: compared.c --------------------- */

/* Code that calls a function without arguments and compares its result with a variable of 32
 * bits. */
struct arch_compared {
	uint64_t function; /* may be a stub */
	uint64_t variable;
};
/* The pattern extends so far before the call, and so far from its start on. */
#define ARCH_COMPARED_BEFORE 6
#define ARCH_COMPARED_AFTER 11
/* Looks for the first such code in these bytes, which begin at `address`; the first
 * ARCH_COMPARED_BEFORE are only its surroundings. Returns how many bytes lie before the end of the
 * call; 0: there is none. */
size_t arch_find_compared(const unsigned char *code, size_t length, uint64_t address,
			  struct arch_compared *ret);

/* Returns the address of the pointer through which a stub of the procedure linkage table jumps;
 * 0: it is none. */
#define ARCH_LINKAGE 16
uint64_t arch_linkage_pointer(const unsigned char code[ARCH_LINKAGE], uint64_t address);

#endif
