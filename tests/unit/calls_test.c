/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * System calls in code: which are found; and that redirected code does the same as before,
 * except for redirected calls. The code is executed.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "arch_calls.h"
#include "arch_frame.h"
#include "unit.h"

#define PAGE 4096
#define ANSWER 4242

static const struct arch_call_numbers wanted = { { SYS_madvise, SYS_mremap }, 2 };

/* Pages below 2 GB: code, stubs, and the handler that stubs call, which returns ANSWER. */
static unsigned char *code, *stub, *handler;

static void setup(void)
{
	static const unsigned char answer[] = { 0xb8, ANSWER & 0xff, ANSWER >> 8, 0, 0, 0xc3 };

	code = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ck_assert(code != MAP_FAILED);
	stub = code + PAGE;
	handler = code + 2 * PAGE;
	memset(code, 0xf4, 2 * PAGE); /* hlt: no other code runs */
	memcpy(handler, answer, sizeof(answer));
}

static void teardown(void)
{
	munmap(code, 3 * PAGE);
}

#define PUT(...) \
	memcpy(code, (const unsigned char[]){ __VA_ARGS__ }, \
	       sizeof((const unsigned char[]){ __VA_ARGS__ }))

/* Returns the number of calls in the first bytes; `ret` is the first of them. */
static int find(size_t length, struct arch_call_site *ret)
{
	unsigned char bytes[PAGE];
	struct arch_call_site call;
	size_t at = 0;
	int count = 0;

	memcpy(bytes, code, length);
	while (arch_next_call(bytes, length, (uint64_t)code, &wanted, &at, &call))
		if (!count++)
			*ret = call;
	return count;
}

static void redirect(const struct arch_call_site *call)
{
	unsigned char bytes[ARCH_CALL_PATCH];

	arch_make_stub(call, &wanted, (uint64_t)handler, 0, stub);
	memcpy((void *)call->start, bytes, arch_call_patch(call, (uint64_t)stub, bytes));
	if (call->kind == ARCH_CALL_ANY)
		memcpy((void *)call->pad, bytes, arch_pad_patch(call, (uint64_t)stub, bytes));
}

static long run(long number)
{
	return ((long (*)(long))code)(number);
}

START_TEST(numbered)
{
	struct arch_call_site call;

	PUT(0xb8, SYS_madvise, 0, 0, 0, 0x0f, 0x05, 0xc3);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_NUMBERED);
	ck_assert_int_eq(call.number, SYS_madvise);
	ck_assert(call.start == (uint64_t)code && call.instruction == call.start + 5);
	redirect(&call);
	ck_assert_int_eq(run(0), ANSWER);
	ck_assert_int_eq(find(64, &call), 0); /* in a second generation */
}
END_TEST

/* As Go's assembler has it. */
START_TEST(numbered_wide)
{
	struct arch_call_site call;

	PUT(0x48, 0xc7, 0xc0, SYS_mremap, 0, 0, 0, 0x0f, 0x05, 0xc3);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_NUMBERED);
	ck_assert(call.instruction == call.start + 7);
	redirect(&call);
	ck_assert_int_eq(run(0), ANSWER);
}
END_TEST

START_TEST(other_number)
{
	struct arch_call_site call;

	PUT(0xb8, SYS_getpid, 0, 0, 0, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0xc3);
	ck_assert_int_eq(find(64, &call), 0);
	/* The number is not loaded right before the call, but no other is possible. */
	PUT(0xb8, SYS_getpid, 0, 0, 0, 0x90, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff);
	ck_assert_int_eq(find(64, &call), 0);
	/* mov $SYS_getpid, %r9d; mov %r9d, %eax; syscall */
	PUT(0x90, 0x41, 0xb9, SYS_getpid, 0, 0, 0, 0x90, 0x44, 0x89, 0xc8, 0x0f, 0x05, 0xf4, 0xf4);
	ck_assert_int_eq(find(64, &call), 0);
	/* xor %eax, %eax; syscall: read() */
	PUT(0x31, 0xc0, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0xf4, 0xf4, 0xf4);
	ck_assert_int_eq(find(64, &call), 0);
	/* Perhaps bytes of another instruction. */
	memset(code, 0x90, 64);
	code[48] = 0x0f;
	code[49] = 0x05;
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_UNPROVEN);
}
END_TEST

/* mov %rdi, %rax; syscall; cmp $-4095, %rax; ret */
#define ANY_CODE 0x48, 0x89, 0xf8, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0xc3

static void check_any(struct arch_call_site *call)
{
	ck_assert_int_eq(find(64, call), 1);
	ck_assert_int_eq(call->kind, ARCH_CALL_ANY);
	ck_assert_int_eq(call->number, -1);
	redirect(call);
	ck_assert_int_eq(run(SYS_getpid), getpid());
	ck_assert_int_eq(run(SYS_madvise), ANSWER);
	ck_assert_int_eq(run(SYS_mremap), ANSWER);
	ck_assert_int_eq(run(SYS_getppid), getppid());
}

START_TEST(any_with_nops)
{
	struct arch_call_site call;

	/* Control flow continues after the nops. */
	PUT(ANY_CODE, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xb8, 7, 0, 0, 0, 0xc3);
	check_any(&call);
	ck_assert_int_eq(call.pad_length, 10);
	ck_assert_int_eq(((long (*)(void))(code + 12))(), 7);
}
END_TEST

START_TEST(any_with_breakpoints)
{
	struct arch_call_site call;

	PUT(ANY_CODE, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
	    0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc);
	check_any(&call);
	ck_assert_uint_eq(call.pad, (uint64_t)code + 19);
}
END_TEST

/* movabs $0xcccccccccccccccd, %rax is no padding. */
START_TEST(no_padding)
{
	struct arch_call_site call;

	PUT(ANY_CODE, 0x48, 0xb8, 0xcd, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xc3);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_LOST);
}
END_TEST

/* Two calls do not share padding. */
START_TEST(two_calls)
{
	struct arch_call_site call;
	unsigned char bytes[64];
	size_t at = 0;

	PUT(ANY_CODE, ANY_CODE, 0x0f, 0x1f, 0x80, 0, 0, 0, 0, 0xc3);
	memcpy(bytes, code, sizeof(bytes));
	ck_assert(arch_next_call(bytes, sizeof(bytes), (uint64_t)code, &wanted, &at, &call));
	ck_assert_int_eq(call.kind, ARCH_CALL_ANY);
	ck_assert(arch_next_call(bytes, sizeof(bytes), (uint64_t)code, &wanted, &at, &call));
	ck_assert_int_eq(call.kind, ARCH_CALL_LOST);
}
END_TEST

START_TEST(lost)
{
	struct arch_call_site call;

	PUT(0xb8, SYS_madvise, 0, 0, 0, 0x4c, 0x89, 0xe7, 0x0f, 0x05, 0xc3);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_LOST);
	ck_assert_int_eq(call.number, SYS_madvise);
	PUT(0xbe, SYS_mremap, 0, 0, 0, 0x31, 0xff, 0x89, 0xf0, 0x0f, 0x05, 0xc3);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_LOST);
	ck_assert_int_eq(call.number, SYS_mremap);
}
END_TEST

/* glibc's syscall(number, …). */
#define FUNCTION_CODE \
	0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca, 0x4d, 0x89, \
	0xc2, 0x4d, 0x89, 0xc8, 0x4c, 0x8b, 0x4c, 0x24, 0x08, 0x0f, 0x05, 0xc3

START_TEST(function)
{
	struct arch_call_site call;
	int pipes[2];
	char letter = 0;

	PUT(FUNCTION_CODE);
	ck_assert_int_eq(find(64, &call), 1);
	ck_assert_int_eq(call.kind, ARCH_CALL_FUNCTION);
	redirect(&call);
	ck_assert_int_eq(run(SYS_madvise), ANSWER);
	ck_assert_int_eq(run(SYS_getpid), getpid());
	/* The redirected call keeps its arguments. */
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(write(pipes[1], "x", 1), 1);
	ck_assert_int_eq(((long (*)(long, ...))code)(SYS_read, pipes[0], &letter, 1), 1);
	ck_assert_int_eq(letter, 'x');
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

static uint64_t word_of(const struct arch_frame_word *words, size_t count, size_t offset)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].offset == offset)
			return words[i].value;
	return 0;
}

/* A thread was stopped between instructions that the redirection replaces. */
START_TEST(step_back)
{
	const size_t rdi = offsetof(ucontext_t, uc_mcontext.gregs[REG_RDI]);
	struct arch_frame_word words[2];
	ucontext_t frame = { 0 };
	struct arch_call_site call;
	size_t count;

	PUT(FUNCTION_CODE);
	find(64, &call);
	frame.uc_mcontext.gregs[REG_RAX] = 28;
	frame.uc_mcontext.gregs[REG_RIP] = (long)code + 6;
	count = arch_call_step_back(&call, (const unsigned char *)&frame, words);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(word_of(words, count, arch_frame_dwarf[ARCH_DWARF_COUNTER]), (uint64_t)code);
	ck_assert_uint_eq(word_of(words, count, rdi), 28);
	frame.uc_mcontext.gregs[REG_RIP] = (long)code + 3;
	ck_assert_uint_eq(arch_call_step_back(&call, (void *)&frame, words), 1);
	frame.uc_mcontext.gregs[REG_RIP] = (long)code + 9;
	ck_assert_uint_eq(arch_call_step_back(&call, (void *)&frame, words), 0);

	PUT(0xb8, SYS_madvise, 0, 0, 0, 0x0f, 0x05, 0xc3);
	find(64, &call);
	frame.uc_mcontext.gregs[REG_RIP] = (long)code + 5;
	ck_assert_uint_eq(arch_call_step_back(&call, (void *)&frame, words), 1);
	ck_assert_uint_eq(words[0].value, (uint64_t)code);
	frame.uc_mcontext.gregs[REG_RIP] = (long)code + 7;
	ck_assert_uint_eq(arch_call_step_back(&call, (void *)&frame, words), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, numbered);
	tcase_add_test(tests, numbered_wide);
	tcase_add_test(tests, other_number);
	tcase_add_test(tests, any_with_nops);
	tcase_add_test(tests, any_with_breakpoints);
	tcase_add_test(tests, no_padding);
	tcase_add_test(tests, two_calls);
	tcase_add_test(tests, lost);
	tcase_add_test(tests, function);
	tcase_add_test(tests, step_back);
}

int main(void)
{
	return unit_run("calls", add_tests);
}
