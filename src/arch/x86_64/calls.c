/* SPDX-License-Identifier: MIT
 *
 * x86-64: finds system calls in code and redirects them. Pure: bytes in, bytes out.
 */
#define _GNU_SOURCE
#include <string.h>

#include "arch_calls.h"
#include "arch_code.h"
#include "arch_frame.h"
#include "arch_registers.h"
#include "arch_syscall.h"

/* ---- Finding ------------------------------------------------------------------------------ */

struct code {
	unsigned char *bytes;
	size_t length;
	uint64_t address;
	const struct arch_call_numbers *numbers;
};

static bool is_wanted(const struct code *code, uint32_t number)
{
	for (size_t i = 0; i < code->numbers->count; i++)
		if (code->numbers->list[i] == (long)number)
			return true;
	return false;
}

/* Returns the length of the instruction at `at` if it is `mov $number, %eax` or
 * `mov $number, %rax`; else 0. */
static size_t number_at(const struct code *code, size_t at, uint32_t *ret_number)
{
	static const unsigned char wide[] = { 0x48, 0xc7, 0xc0 };
	const unsigned char *bytes = code->bytes + at;
	size_t left = code->length - at, before;

	if (left >= 5 && bytes[0] == 0xb8)
		before = 1;
	else if (left >= 7 && !memcmp(bytes, wide, sizeof(wide)))
		before = sizeof(wide);
	else
		return 0;
	memcpy(ret_number, bytes + before, sizeof(*ret_number));
	return before + sizeof(*ret_number);
}

/* `cmp $-4095, %rax` or `cmp $-4096, %rax`: the check for an error. */
static bool is_checked(const struct code *code, size_t at)
{
	static const unsigned char check[2][6] = {
		{ 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff }, { 0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff },
	};

	if (code->length - at < ARCH_SYSCALL_LENGTH + sizeof(check[0]))
		return false;
	return !memcmp(code->bytes + at + ARCH_SYSCALL_LENGTH, check[0], sizeof(check[0]))
	       || !memcmp(code->bytes + at + ARCH_SYSCALL_LENGTH, check[1], sizeof(check[1]));
}

/* No system has more calls. */
#define NUMBER_END 4096
/* The largest distance before the call of the instruction that loads its number into rax, of one
 * that copies it there from another register, and from that one back to the load. */
#define LOAD_REACH 64
#define COPY_REACH 24
#define REGISTER_REACH 1024

/* `mov $number, %reg`, of a register that is copied to eax later. */
static long loaded_into(const struct code *code, size_t copy, unsigned reg)
{
	const size_t length = 5;
	uint32_t number = 0;

	for (size_t back = length; back <= REGISTER_REACH && back <= copy; back++) {
		const unsigned char *at = code->bytes + copy - back;

		if (at[0] != (0xb8 | (reg & 7))
		    || (reg > 7 && (back == copy || at[-1] != 0x41)))
			continue;
		memcpy(&number, at + 1, sizeof(number));
		if (number < NUMBER_END)
			return (long)number;
	}
	return -1;
}

/* `mov %reg, %eax` at `at`; -1: it is not. */
static int copied_register(const struct code *code, size_t at)
{
	const unsigned char *bytes = code->bytes + at;

	if (bytes[0] != 0x89 || (bytes[1] & 0xc7) != 0xc0)
		return -1;
	return (bytes[1] >> 3 & 7) | (at && (bytes[-1] & 0xfc) == 0x44 ? 8 : 0);
}

/* The number that is loaded last before the call, judged by the bytes alone; -1: none. */
static long loaded_before(const struct code *code, size_t call)
{
	static const unsigned char zero[] = { 0x31, 0xc0 }; /* xor %eax, %eax */
	uint32_t number = 0;

	if (call >= sizeof(zero) && !memcmp(code->bytes + call - sizeof(zero), zero, sizeof(zero)))
		return 0;
	for (size_t back = 2; back <= LOAD_REACH && back <= call; back++) {
		int reg = back <= COPY_REACH ? copied_register(code, call - back) : -1;

		if (reg >= 0)
			return loaded_into(code, call - back, (unsigned)reg);
		if (number_at(code, call - back, &number) && number < NUMBER_END)
			return (long)number;
	}
	return -1;
}

/* sysdeps/unix/sysv/linux/x86_64/syscall.S, unchanged since 2.3: moves the function's arguments to
 * the registers of the call, up to 8(%rsp), the sixth. */
static const unsigned char function_code[] = {
	0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca,
	0x4d, 0x89, 0xc2, 0x4d, 0x89, 0xc8, 0x4c, 0x8b, 0x4c, 0x24, 0x08,
};
#define FUNCTION_HEAD 9 /* these bytes become a jump */

static bool is_function(const struct code *code, size_t at)
{
	return at >= sizeof(function_code)
	       && !memcmp(code->bytes + at - sizeof(function_code), function_code,
			  sizeof(function_code));
}

/* ---- Padding ------------------------------------------------------------------------------ */

#define JUMP_LENGTH 5  /* jmp rel32 */
#define SHORT_LENGTH 2 /* jmp rel8 */
#define SHORT_REACH 120

/* The nops of 7 bytes and more with which assemblers align (binutils' tc-i386.c: alt_patt; LLVM's
 * X86AsmBackend::writeNopData). Execution may run through them. */
static size_t nop_at(const struct code *code, size_t at)
{
	static const struct { uint8_t length; unsigned char bytes[10]; } nops[] = {
		{ 10, { 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 } },
		{ 9, { 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 } },
		{ 8, { 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 } },
		{ 7, { 0x0f, 0x1f, 0x80, 0, 0, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof(nops) / sizeof(*nops); i++)
		if (code->length - at >= nops[i].length
		    && !memcmp(code->bytes + at, nops[i].bytes, nops[i].length))
			return nops[i].length;
	return 0;
}

/* Breakpoints between a return and the next function, which is aligned to 16 bytes. Without both
 * conditions, the bytes may be part of a constant (0xcccccccccccccccd divides by 5). */
static size_t breakpoints_at(const struct code *code, size_t at)
{
	size_t end = at;

	if (!at || code->bytes[at - 1] != 0xc3 /* ret */)
		return 0;
	while (end < code->length && code->bytes[end] == (unsigned char)ARCH_BREAKPOINT_CODE[0])
		end++;
	return end - at >= JUMP_LENGTH && !((code->address + end) % 16) ? JUMP_LENGTH : 0;
}

static bool find_pad(const struct code *code, struct arch_call_site *call, size_t at)
{
	size_t first = at > SHORT_REACH ? at - SHORT_REACH : 0;
	size_t last = at + SHORT_REACH;

	for (size_t pad = first; pad < last && pad < code->length; pad++) {
		size_t length = breakpoints_at(code, pad);

		length = length ? length : nop_at(code, pad);
		if (!length)
			continue;
		call->pad = code->address + pad;
		call->pad_length = (uint8_t)length;
		memset(code->bytes + pad, 0, length); /* no other call gets it */
		return true;
	}
	return false;
}

/* ---- One call ----------------------------------------------------------------------------- */

static void init_site(const struct code *code, size_t at, struct arch_call_site *call)
{
	*call = (struct arch_call_site){
		.kind = ARCH_CALL_LOST,
		.number = -1,
		.start = code->address + at,
		.instruction = code->address + at,
		.end = code->address + at + ARCH_SYSCALL_LENGTH,
	};
}

static bool is_numbered(const struct code *code, size_t at, struct arch_call_site *call)
{
	static const size_t lengths[] = { 5, 7 };
	uint32_t number = 0;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		if (at < lengths[i]
		    || number_at(code, at - lengths[i], &number) != lengths[i])
			continue;
		call->kind = ARCH_CALL_NUMBERED;
		call->number = (long)number;
		call->start = code->address + at - lengths[i];
		return true;
	}
	return false;
}

/* Is it a call that libunexec makes? */
static bool is_own_call(const struct code *code, size_t at)
{
	return code->length - at >= ARCH_SYSCALL_LENGTH + ARCH_OWN_CALL_LENGTH
	       && !memcmp(code->bytes + at + ARCH_SYSCALL_LENGTH, ARCH_OWN_CALL_CODE,
			  ARCH_OWN_CALL_LENGTH);
}

/* True if a system call at `at` is, or may be, one of the wanted calls. */
static bool examine_call(const struct code *code, size_t at, struct arch_call_site *call)
{
	long loaded;

	if (is_own_call(code, at))
		return false;
	init_site(code, at, call);
	if (is_function(code, at)) {
		call->kind = ARCH_CALL_FUNCTION;
		call->start -= sizeof(function_code);
		return true;
	}
	if (is_numbered(code, at, call))
		return is_wanted(code, (uint32_t)call->number);
	loaded = loaded_before(code, at);
	if (loaded >= 0 && !is_wanted(code, (uint32_t)loaded))
		return false;
	if (is_checked(code, at)) {
		if (find_pad(code, call, at))
			call->kind = ARCH_CALL_ANY;
		return true;
	}
	call->number = loaded;
	if (loaded >= 0)
		return true;
	call->kind = ARCH_CALL_UNPROVEN;
	find_pad(code, call, at);
	return true;
}

bool arch_next_call(unsigned char *bytes, size_t length, uint64_t address,
		    const struct arch_call_numbers *numbers, size_t *at,
		    struct arch_call_site *ret)
{
	const struct code code = { bytes, length, address, numbers };

	while (*at < length) {
		const unsigned char *found = memmem(bytes + *at, length - *at, ARCH_SYSCALL_CODE,
						    ARCH_SYSCALL_LENGTH);
		size_t offset;

		if (!found)
			break;
		offset = (size_t)(found - bytes);
		*at = offset + 1;
		if (examine_call(&code, offset, ret))
			return true;
	}
	*at = length;
	return false;
}

/* ---- Redirecting -------------------------------------------------------------------------- */

static void put_32(unsigned char *at, uint64_t value)
{
	uint32_t word = (uint32_t)value;

	memcpy(at, &word, sizeof(word));
}

static size_t put_jump(unsigned char *code, uint64_t from, uint64_t to)
{
	code[0] = 0xe9;
	put_32(code + 1, to - (from + JUMP_LENGTH));
	return JUMP_LENGTH;
}

/* `mov $stub, %eax; jmp *%rax`, with nops between them: `length` bytes. */
static size_t put_far_jump(unsigned char *code, size_t length, uint64_t stub)
{
	memset(code, 0x90, length);
	code[0] = 0xb8;
	put_32(code + 1, stub);
	code[length - 2] = 0xff;
	code[length - 1] = 0xe0;
	return length;
}

size_t arch_call_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code)
{
	uint64_t skip = call->pad_length == JUMP_LENGTH ? 0 : SHORT_LENGTH;

	if (call->kind == ARCH_CALL_NUMBERED)
		return put_far_jump(code, (size_t)(call->end - call->start), stub);
	if (call->kind == ARCH_CALL_FUNCTION)
		return put_far_jump(code, FUNCTION_HEAD, stub);
	code[0] = 0xeb;
	code[1] = (unsigned char)(call->pad + skip - (call->start + SHORT_LENGTH));
	return SHORT_LENGTH;
}

size_t arch_pad_patch(const struct arch_call_site *call, uint64_t stub, unsigned char *code)
{
	size_t length = 0;

	if (call->pad_length != JUMP_LENGTH) {
		code[0] = 0xeb; /* execution that runs through the nops skips them */
		code[1] = (unsigned char)(call->pad_length - SHORT_LENGTH);
		length = SHORT_LENGTH;
	}
	return length + put_jump(code + length, call->pad + length, stub);
}

static size_t put_bytes(unsigned char *stub, size_t at, const void *bytes, size_t length)
{
	memcpy(stub + at, bytes, length);
	return at + length;
}
#define PUT(...) \
	put_bytes(stub, at, (const unsigned char[]){ __VA_ARGS__ }, \
		  sizeof((const unsigned char[]){ __VA_ARGS__ }))

static size_t put_back(unsigned char *stub, size_t at, uint64_t back)
{
	at = PUT(0xff, 0x25, 0, 0, 0, 0); /* jmp *(%rip) */
	return put_bytes(stub, at, &back, sizeof(back));
}

/* Compares without changing the flags, which a system call preserves:
 * `lea -number(%rax), %ecx; jrcxz handled`. `rest` bytes lie between this and `handled`. */
static size_t put_comparisons(unsigned char *stub, const struct arch_call_numbers *numbers,
			      size_t rest)
{
	size_t at = 0;

	for (size_t i = 0; i < numbers->count; i++) {
		size_t left = (numbers->count - 1 - i) * 8 + rest;

		at = PUT(0x8d, 0x88, 0, 0, 0, 0, 0xe3, (unsigned char)left);
		put_32(stub + at - 6, (uint64_t)-numbers->list[i]);
	}
	return at;
}

/* The same with the function's first argument: `cmp $number, %edi; je handled`. */
static size_t put_function_comparisons(unsigned char *stub,
				       const struct arch_call_numbers *numbers, size_t rest)
{
	size_t at = 0;

	for (size_t i = 0; i < numbers->count; i++) {
		size_t left = (numbers->count - 1 - i) * 8 + rest;

		at = PUT(0x81, 0xff, 0, 0, 0, 0, 0x74, (unsigned char)left);
		put_32(stub + at - 6, (uint64_t)numbers->list[i]);
	}
	return at;
}

#define BACK 14 /* put_back */

/* The start of the stub, up to the call of the redirect code with the number in rax. */
static size_t put_head(unsigned char *stub, const struct arch_call_site *call,
		       const struct arch_call_numbers *numbers)
{
	size_t at = 0;

	switch (call->kind) {
	case ARCH_CALL_NUMBERED:
		at = PUT(0xf3, 0x0f, 0x1e, 0xfa, 0xb8, 0, 0, 0, 0); /* endbr64; mov $…, %eax */
		put_32(stub + at - 4, (uint64_t)call->number);
		return at;
	case ARCH_CALL_FUNCTION:
		at = PUT(0xf3, 0x0f, 0x1e, 0xfa);
		at += put_function_comparisons(stub + at, numbers, FUNCTION_HEAD + BACK);
		at = put_bytes(stub, at, function_code, FUNCTION_HEAD);
		at = put_back(stub, at, call->start + FUNCTION_HEAD);
		return put_bytes(stub, at, function_code, sizeof(function_code));
	default:
		at = put_comparisons(stub, numbers, ARCH_SYSCALL_LENGTH + BACK);
		at = put_bytes(stub, at, ARCH_SYSCALL_CODE, ARCH_SYSCALL_LENGTH);
		return put_back(stub, at, call->end);
	}
}

void arch_make_stub(const struct arch_call_site *call, const struct arch_call_numbers *numbers,
		    uint64_t function, uint64_t table, unsigned char stub[ARCH_STUB])
{
	size_t at;

	_Static_assert(4 + ARCH_CALL_NUMBERS * 8 + FUNCTION_HEAD + BACK + sizeof(function_code)
			       + 27 + BACK <= ARCH_STUB, "ARCH_STUB");
	memset(stub, ARCH_BREAKPOINT_CODE[0], ARCH_STUB);
	at = put_head(stub, call, numbers);
	/* lea -ARCH_RED_ZONE(%rsp), %rsp */
	at = PUT(0x48, 0x8d, 0x64, 0x24, (unsigned char)-ARCH_RED_ZONE);
	at = PUT(0xb9, 0, 0, 0, 0);             /* mov $table, %ecx */
	put_32(stub + at - 4, table);
	at = PUT(0x41, 0xbb, 0, 0, 0, 0, 0x41, 0xff, 0xd3); /* mov $…, %r11d; call *%r11 */
	put_32(stub + at - 7, function);
	/* lea ARCH_RED_ZONE(%rsp), %rsp */
	at = PUT(0x48, 0x8d, 0xa4, 0x24, ARCH_RED_ZONE, 0, 0, 0);
	put_back(stub, at, call->end);
}

/* ---- Threads that are there --------------------------------------------------------------- */

/* syscall()'s head copies rdi to rax, rsi to rdi, rdx to rsi: after the second copy, only rax has
 * the value of rdi. */
size_t arch_call_step_back(const struct arch_call_site *call, const unsigned char *frame,
			   struct arch_frame_word ret_words[2])
{
	uint64_t counter = arch_frame_counter(frame), rax;
	bool is_there = call->kind == ARCH_CALL_NUMBERED
			? counter == call->instruction
			: call->kind == ARCH_CALL_FUNCTION
				  && (counter == call->start + 3 || counter == call->start + 6);

	if (!is_there)
		return 0;
	ret_words[0] = (struct arch_frame_word){ arch_frame_dwarf[ARCH_DWARF_COUNTER], call->start };
	if (call->kind == ARCH_CALL_NUMBERED || counter == call->start + 3)
		return 1;
	memcpy(&rax, frame + arch_frame_registers[0], sizeof(rax));
	ret_words[1] = (struct arch_frame_word){ arch_frame_argument(0), rax };
	return 2;
}
