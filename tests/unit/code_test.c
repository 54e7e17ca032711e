/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * x86-64: facts read from libcs' code, in the forms that compilers have given it: the argument
 * of set_tid_address(), variables that are compared, and the numbers of system calls.
 */
#include <sys/user.h>

#include "arch_code.h"
#include "arch_registers.h"
#include "unit.h"

#define AT UINT64_C(0x10000)
#define NOP 0x90

/* ---- set_tid_address() ------------------------------------------------------------------ */

#define CALL_TID 0xb8, 0xda, 0, 0, 0 /* mov $218, %eax */
#define SYSCALL 0x0f, 0x05

static const struct {
	const char *libc;
	unsigned char code[40];
	struct arch_tid_code expected;
	bool found;
} tid_codes[] = {
	{ "glibc 2.36", { 0x48, 0x8d, 0xbb, 0xd0, 2, 0, 0, CALL_TID, SYSCALL,
			  0x89, 0x83, 0xd0, 2, 0, 0 },
	  { .clear = 0x2d0, .tid = 0x2d0 }, true },
	{ "glibc 2.43", { 0x48, 0x8d, 0xba, 0x28, 6, 0, 0, NOP, NOP, NOP, CALL_TID, SYSCALL,
			  0x89, 0x82, 0xd0, 2, 0, 0 },
	  { .clear = 0x628, .tid = 0x2d0 }, true },
	{ "another register", { 0x49, 0x8d, 0xba, 0x28, 6, 0, 0, CALL_TID, SYSCALL,
				0x41, 0x89, 0x82, 0xd0, 2, 0, 0 },
	  { .clear = 0x628, .tid = 0x2d0 }, true },
	{ "by %fs", { 0x48, 0x8d, 0xba, 0x28, 6, 0, 0, CALL_TID, SYSCALL,
		      0x64, 0x89, 0x04, 0x25, 0xd0, 2, 0, 0 },
	  { .clear = 0x628, .tid = 0x2d0 }, true },
	{ "musl", { CALL_TID, 0x48, 0x8d, 0x3d, 0x24, 0x44, 9, 0, SYSCALL, 0x89, 0x43, 0x30 },
	  { .absolute = true, .clear = AT + ARCH_TID_CODE + 12 + 0x94424, .tid = 0x30 }, true },
	{ "musl, pthread_exit()", { CALL_TID, 0x48, 0x89, 0xef, SYSCALL, 0xba, 0x3c }, { 0 }, false },
	{ "of two registers", { 0x48, 0x8d, 0xbb, 0xd0, 2, 0, 0, CALL_TID, SYSCALL,
				0x89, 0x82, 0xd0, 2, 0, 0 }, { 0 }, false },
	{ "another call", { 0x48, 0x8d, 0xbb, 0xd0, 2, 0, 0, 0xb8, 0xdb, 0, 0, 0, SYSCALL,
			    0x89, 0x83, 0xd0, 2, 0, 0 }, { 0 }, false },
};

START_TEST(words_of_set_tid_address)
{
	unsigned char bytes[3 * ARCH_TID_CODE];
	struct arch_tid_code code = { 0 };
	size_t end;

	memset(bytes, NOP, sizeof(bytes));
	memcpy(bytes + ARCH_TID_CODE, tid_codes[_i].code, sizeof(tid_codes[_i].code));
	end = arch_find_tid_code(bytes, sizeof(bytes), AT, &code);
	ck_assert_msg(!end == !tid_codes[_i].found, "%s", tid_codes[_i].libc);
	if (!end)
		return;
	ck_assert_uint_eq(bytes[end - 1], 0x05);
	ck_assert_int_eq(code.absolute, tid_codes[_i].expected.absolute);
	ck_assert_int_eq(code.clear, tid_codes[_i].expected.clear);
	ck_assert_int_eq(code.tid, tid_codes[_i].expected.tid);
	/* Truncated code is not read. */
	ck_assert_uint_eq(arch_find_tid_code(bytes, end, AT, &code), 0);
}
END_TEST

/* ---- Variables that are compared with a function's result -------------------------------- */

static const struct {
	unsigned char code[16];
	size_t call;
	uint64_t variable; /* relative to the code; 0: it is another pattern */
} compared[] = {
	/* mov 0x100(%rip), %ebx; call; cmp %eax, %ebx */
	{ { 0x8b, 0x1d, 0, 1, 0, 0, 0xe8, 0, 2, 0, 0, 0x39, 0xc3 }, 6, 0x106 },
	/* call; cmp 0x100(%rip), %eax */
	{ { 0xe8, 0, 2, 0, 0, 0x3b, 0x05, 0, 1, 0, 0 }, 0, 0x10b },
	/* mov 0x100(%rip), %ebx; call; cmp %eax, %ecx */
	{ { 0x8b, 0x1d, 0, 1, 0, 0, 0xe8, 0, 2, 0, 0, 0x39, 0xc1 }, 6, 0 },
	/* mov 0x100(%rbx), %ebx; call; cmp %eax, %ebx */
	{ { 0x8b, 0x9b, 0, 1, 0, 0, 0xe8, 0, 2, 0, 0, 0x39, 0xc3 }, 6, 0 },
	/* call; mov %eax, 0x100(%rip) */
	{ { 0xe8, 0, 2, 0, 0, 0x89, 0x05, 0, 1, 0, 0 }, 0, 0 },
};

START_TEST(compared_variables)
{
	const size_t before = ARCH_COMPARED_BEFORE, call = before + compared[_i].call;
	unsigned char bytes[48];
	struct arch_compared found;
	size_t end;

	memset(bytes, NOP, sizeof(bytes));
	memcpy(bytes + before, compared[_i].code, sizeof(compared[_i].code));
	end = arch_find_compared(bytes, sizeof(bytes), AT, &found);
	ck_assert_uint_eq(end, compared[_i].variable ? call + 5 : 0);
	if (!end)
		return;
	ck_assert_uint_eq(found.variable, AT + before + compared[_i].variable);
	ck_assert_uint_eq(found.function, AT + call + 5 + 0x200);
	/* Truncated code is not read. */
	ck_assert_uint_eq(arch_find_compared(bytes, end, AT, &found), 0);
}
END_TEST

START_TEST(linkage_pointer)
{
	const unsigned char plain[ARCH_LINKAGE] = { 0xff, 0x25, 0, 1, 0, 0 };
	const unsigned char tracked[ARCH_LINKAGE] = { 0xf3, 0x0f, 0x1e, 0xfa,
						      0xff, 0x25, 0, 1, 0, 0 };
	const unsigned char other[ARCH_LINKAGE] = { 0xff, 0x15, 0, 1, 0, 0 };

	ck_assert_uint_eq(arch_linkage_pointer(plain, AT), AT + 6 + 0x100);
	ck_assert_uint_eq(arch_linkage_pointer(tracked, AT), AT + 10 + 0x100);
	ck_assert_uint_eq(arch_linkage_pointer(other, AT), 0);
}
END_TEST

/* ---- Numbers of system calls ------------------------------------------------------------- */

struct memory {
	unsigned char code[256];
	uint64_t stack[8];
};
#define CODE_AT AT
#define STACK_AT UINT64_C(0x20000)
#define END 200 /* the end of the syscall instruction */

static int read_memory(void *context, uint64_t address, void *buffer, size_t length)
{
	const struct memory *memory = context;
	const unsigned char *from = NULL;

	if (address >= CODE_AT && address + length <= CODE_AT + sizeof(memory->code))
		from = memory->code + (address - CODE_AT);
	if (address >= STACK_AT && address + length <= STACK_AT + sizeof(memory->stack))
		from = (const unsigned char *)memory->stack + (address - STACK_AT);
	if (!from)
		return -1;
	memcpy(buffer, from, length);
	return 0;
}

static void put_before(struct memory *memory, size_t end, const void *code, size_t length)
{
	memcpy(memory->code + end - length, code, length);
}

static long number(struct memory *memory)
{
	const struct arch_registers registers = { .user = { .rip = CODE_AT + END, .rsp = STACK_AT } };

	put_before(memory, END, (unsigned char[]){ SYSCALL }, 2);
	return arch_syscall_number_in_code(&registers, read_memory, memory);
}

START_TEST(number_in_the_instruction)
{
	static struct memory memory;

	memset(memory.code, NOP, sizeof(memory.code));
	ck_assert_int_eq(number(&memory), -1);
	put_before(&memory, END - 2, (unsigned char[]){ 0xb8, 230, 0, 0, 0 }, 5);
	ck_assert_int_eq(number(&memory), 230);
}
END_TEST

START_TEST(number_on_the_stack)
{
	static struct memory memory = { .stack = { 1, 2, 230, UINT64_MAX } };

	memset(memory.code, NOP, sizeof(memory.code));
	put_before(&memory, END - 2, (unsigned char[]){ 0x48, 0x8b, 0x44, 0x24, 0x10 }, 5);
	ck_assert_int_eq(number(&memory), 230);
	put_before(&memory, END - 2, (unsigned char[]){ 0x48, 0x8b, 0x44, 0x24, 0x18 }, 5);
	ck_assert_int_eq(number(&memory), -1);
}
END_TEST

/* The caller's return address is the first word. */
START_TEST(number_on_the_stack_of_the_caller)
{
	static struct memory memory = { .stack = { CODE_AT + 80, 0, 0, 0, 0, 230 } };

	memset(memory.code, NOP, sizeof(memory.code));
	put_before(&memory, END - 10, (unsigned char[]){ 0x48, 0x89, 0xf0 }, 3);
	ck_assert_int_eq(number(&memory), -1);
	put_before(&memory, 80, (unsigned char[]){ 0xe8, 1, 2, 3, 4 }, 5);
	ck_assert_int_eq(number(&memory), -1);
	put_before(&memory, 70, (unsigned char[]){ 0x48, 0x8b, 0x74, 0x24, 0x20 }, 5);
	ck_assert_int_eq(number(&memory), 230);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_loop_test(tests, words_of_set_tid_address, 0,
			    sizeof(tid_codes) / sizeof(*tid_codes));
	tcase_add_loop_test(tests, compared_variables, 0,
			    sizeof(compared) / sizeof(*compared));
	tcase_add_test(tests, linkage_pointer);
	tcase_add_test(tests, number_in_the_instruction);
	tcase_add_test(tests, number_on_the_stack);
	tcase_add_test(tests, number_on_the_stack_of_the_caller);
}

int main(void)
{
	return unit_run("code", add_tests);
}
