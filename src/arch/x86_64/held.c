/* SPDX-License-Identifier: MIT
 *
 * x86-64: finds the uses of a word of the thread's control block in a function.
 */
#include <string.h>

#include "arch_code.h"

/* Compilers store the register within a few instructions after the load, and load it again a few
 * instructions before the comparison. */
#define REACH 64

/* A function may also store the register before it calls another one (pthread_mutex_lock of glibc
 * 2.43, 145 bytes later). */
#define FOLLOWED 4096

/* The position of an instruction: before a comparison, soon after a load, or later. */
enum when { BEFORE, SOON, LATER };

/* DWARF's numbers of the registers, in the machine's order: rax rcx rdx rbx rsp rbp rsi rdi
 * r8 … */
static const unsigned char dwarf_numbers[16] = { 0, 2, 1, 3, 7, 6, 4, 5,
						 8, 9, 10, 11, 12, 13, 14, 15 };

/* An instruction with a ModRM byte: [REX] opcode ModRM … */
struct instruction {
	size_t length;            /* up to ModRM */
	unsigned char opcode;
	int mod, reg, rm;         /* with the bits of REX */
};

static bool decode_move(const unsigned char *code, size_t length, struct instruction *ret)
{
	unsigned char rex = length && (code[0] & 0xf0) == 0x40 ? code[0] : 0;
	size_t at = rex ? 1 : 0;

	if (length < at + 2)
		return false;
	*ret = (struct instruction){
		.length = at + 2,
		.opcode = code[at],
		.mod = code[at + 1] >> 6,
		.reg = (code[at + 1] >> 3 & 7) | (rex & 4) << 1,
		.rm = (code[at + 1] & 7) | (rex & 1) << 3,
	};
	return true;
}

/* An instruction whose operand in memory is %fs:offset: 64 [REX] opcode ModRM(0, reg, 4) 25 offset.
 * Returns its length, or 0. */
static size_t is_of_thread(const unsigned char *code, size_t length, uint32_t offset,
			   struct instruction *ret)
{
	size_t at;

	if (length < 1 || code[0] != 0x64 || !decode_move(code + 1, length - 1, ret))
		return 0;
	at = 1 + ret->length;
	if (ret->mod != 0 || ret->rm != 4 || length < at + 5 || code[at] != 0x25
	    || memcmp(code + at + 1, &offset, sizeof(offset)) != 0)
		return 0;
	return at + 5;
}

/* The displacement of an instruction that addresses by one register. */
static bool read_offset(const unsigned char *code, size_t length,
			const struct instruction *instruction, int32_t *ret_offset)
{
	size_t at = instruction->length;

	if ((instruction->rm & 7) == 4 && (at >= length || code[at++] != 0x24))
		return false;
	if (instruction->mod == 0 && (instruction->rm & 7) != 5) {
		*ret_offset = 0;
		return true;
	}
	if (instruction->mod == 1 && at < length) {
		*ret_offset = (int8_t)code[at];
		return true;
	}
	if (instruction->mod != 2 || at + 4 > length)
		return false;
	memcpy(ret_offset, code + at, sizeof(*ret_offset));
	return true;
}

/* mov register, memory or register: 89; from there: 8b; sub, xor, cmp memory, register: 2b, 33, 3b;
 * cmp register, memory: 39. */
static bool is_comparison(unsigned char opcode)
{
	return opcode == 0x2b || opcode == 0x33 || opcode == 0x3b || opcode == 0x39;
}

/* A function's code, and the callback for each use. */
struct search {
	const unsigned char *code;
	size_t length;
	void (*found)(void *context, const struct arch_held *held);
	void *context;
};

/* Reports the instruction at `at` if it uses the machine's register `reg`. */
static void report_use(const struct search *search, size_t at, int reg, enum when when)
{
	const unsigned char *code = search->code + at;
	struct arch_held held = { .number = dwarf_numbers[reg], .at = (uint32_t)at };
	struct instruction move;

	if (!decode_move(code, search->length - at, &move) || move.reg != reg)
		return;
	held.base = dwarf_numbers[move.rm];
	if (when != BEFORE && move.opcode == 0x89 && move.mod == 3) {
		held.kind = ARCH_LOADED;
		held.number = held.base;
	} else if (move.mod == 3 || !read_offset(code, search->length - at, &move, &held.offset)) {
		return;
	} else if (when != BEFORE && move.opcode == 0x89) {
		held.kind = ARCH_STORED;
	} else if (when == BEFORE ? move.opcode == 0x8b
				  : when == SOON && is_comparison(move.opcode)) {
		held.kind = ARCH_COMPARED;
	} else {
		return;
	}
	search->found(search->context, &held);
}

/* The instructions in [start, end). Their starts are unknown, so each byte is taken for one. An
 * instruction that really is part of another only yields a place that holds something else. */
static void look_around(const struct search *search, size_t start, size_t end, int reg,
			enum when when)
{
	for (size_t at = start; at < end && at < search->length; at++)
		report_use(search, at, reg, when);
}

void arch_find_held(const unsigned char *code, size_t length, uint32_t offset,
		    void (*found)(void *context, const struct arch_held *held), void *context)
{
	const struct search search = { code, length, found, context };

	for (size_t at = 0; at < length; at++) {
		struct instruction instruction;
		size_t size = is_of_thread(code + at, length - at, offset, &instruction);

		if (size && instruction.opcode == 0x8b) {
			found(context, &(struct arch_held){
				.kind = ARCH_LOADED,
				.number = dwarf_numbers[instruction.reg],
				.at = (uint32_t)at,
			});
			look_around(&search, at + size, at + size + REACH, instruction.reg, SOON);
			look_around(&search, at + size + REACH, at + size + FOLLOWED,
				    instruction.reg, LATER);
		} else if (size && is_comparison(instruction.opcode)) {
			look_around(&search, at > REACH ? at - REACH : 0, at, instruction.reg,
				    BEFORE);
		}
	}
}

/* True if the instruction at `at` is a direct jump. Its target is relative to the code's start. */
static bool jumps_to(const unsigned char *code, size_t length, size_t at, int64_t *ret_target)
{
	size_t size = code[at] == 0x0f ? 6 : code[at] == 0xe9 ? 5 : 2;
	int32_t distance;

	if (at + size > length)
		return false;
	if (size == 2) { /* jmp and jcc with 8 bits */
		if (code[at] != 0xeb && (code[at] & 0xf0) != 0x70)
			return false;
		distance = (int8_t)code[at + 1];
	} else {
		if (size == 6 && (code[at + 1] & 0xf0) != 0x80)
			return false;
		memcpy(&distance, code + at + size - 4, sizeof(distance));
	}
	*ret_target = (int64_t)(at + size) + distance;
	return true;
}

/* jmp *…: ff with 4 in ModRM. */
static bool is_indirect_jump(const unsigned char *code, size_t length, size_t at)
{
	return code[at] == 0xff && at + 1 < length && (code[at + 1] >> 3 & 7) == 4;
}

/* Each byte is taken for the start of an instruction: a wrong one may only add a jump. A single
 * load is the one at the function's start. */
bool arch_may_compare(const unsigned char *code, size_t length, uint32_t offset,
		      bool (*is_part)(void *context, int64_t at), void *context)
{
	size_t loads = 0;

	for (size_t at = 0; at < length; at++) {
		struct instruction instruction;
		int64_t target;

		if (is_of_thread(code + at, length - at, offset, &instruction)
		    && (instruction.opcode != 0x8b || ++loads > 1))
			return true;
		if (is_indirect_jump(code, length, at)
		    || (jumps_to(code, length, at, &target)
			&& (target < 0 || target >= (int64_t)length) && is_part(context, target)))
			return true;
	}
	return false;
}
