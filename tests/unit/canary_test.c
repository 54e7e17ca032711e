/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stack canary: recognising its value, and deciding which words of that value a start
 * may replace.
 */
#include <stdbool.h>
#include <string.h>

#include "arch_code.h"
#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_tls.h"
#include "libc/canary.h"
#include "base/report.h"
#include "unit.h"

/* One region holds all: random bytes at AT + 0x13, which is not aligned; a thread's frame, its
 * stack pointer, its control block. */
#define AT UINT64_C(0x55aa00000000)
#define BYTES 0x4000
#define STACK (AT + 0x400)
#define FRAME (AT + 0x800)
#define POINTER (AT + 0x1000)
#define BASE (AT + 0x2000)
#define STACK_END (AT + 0x3000)

#define RANDOM_0 UINT64_C(0x8877665544332211)
#define CANARY (RANDOM_0 & ~UINT64_C(0xff))

static uint64_t memory[BYTES / 8];

static uint64_t *word(uint64_t address)
{
	return &memory[(address - AT) / 8];
}

static int read_memory(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	(void)capture;
	if (address < AT || address + length > AT + sizeof(memory))
		return -1;
	memcpy(buffer, (char *)memory + (address - AT), length);
	return 0;
}

/* ---- A process ----------------------------------------------------------------------------- */

struct process {
	struct image *image;
	struct capture capture;
	struct report report;
	struct unit_log log;
};

/* Offset in a frame of the stack pointer: the one register that is not in arch_frame_registers. */
static size_t pointer_place(void)
{
	unsigned char frame[ARCH_FRAME_BYTES] = { 0 };

	for (size_t i = 0; i + 8 <= sizeof(frame); i += 8) {
		const uint64_t value = 77;

		memcpy(frame + i, &value, sizeof(value));
		if (arch_frame_stack(frame).pointer == value)
			return i;
		memset(frame + i, 0, sizeof(value));
	}
	ck_abort();
}

static void setup(struct process *process, uint64_t random)
{
	struct plan_thread thread = { .thread_pointer = BASE, .frame = FRAME };

	memset(process, 0, sizeof(*process));
	memset(memory, 0, sizeof(memory));
	process->image = image_new();
	process->capture = (struct capture){ .image = process->image, .read = read_memory };
	process->report = (struct report){ .sink = unit_sink, .context = &process->log };
	image_insert_region(process->image, (struct range){ AT, AT + BYTES }, 3,
			    ORIGIN_ANONYMOUS);
	memcpy((char *)memory + 0x13, &random, sizeof(random));
	*word(FRAME + pointer_place()) = POINTER;
	*word(BASE + ARCH_CANARY_PLACE) = CANARY;
	image_add_thread(process->image, &thread, "one");
	thread.thread_pointer = 0;
	image_add_thread(process->image, &thread, "two");
	image_add_fixup(process->image, &(struct plan_fixup){ AT + 0x13, PLAN_FIXUP_RANDOM, 0 });
}

/* The stack's place, as in glibc's control block. */
static void make_stack(uint64_t start, uint64_t end)
{
	*word(BASE + 0x690) = start;
	*word(BASE + 0x698) = end - start;
}

/* Scans in two parts. Returns how many words a start replaces. */
static size_t decide(struct process *process)
{
	struct canary canary = canary_find(&process->capture, &process->report);
	size_t before = process->image->fixup_count, half = BYTES / 16;

	canary_scan(&canary, memory, half, AT);
	canary_scan(&canary, memory + half, half, AT + half * 8);
	canary_decide(&canary, &process->capture, &process->report);
	return process->image->fixup_count - before;
}

/* ---- Its value ----------------------------------------------------------------------------- */

START_TEST(canaries_of_libcs)
{
	static const struct {
		uint64_t word;
		uint32_t zero_byte;
	} cases[] = { { CANARY, 0 }, { RANDOM_0 & ~UINT64_C(0xff00), 1 }, { RANDOM_0, 8 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct process process;
		struct canary canary;

		setup(&process, RANDOM_0);
		*word(BASE + ARCH_CANARY_PLACE) = cases[i].word;
		canary = canary_find(&process.capture, &process.report);
		ck_assert(canary.known);
		ck_assert_uint_eq(canary.value, cases[i].word);
		ck_assert_uint_eq(canary.zero_byte, cases[i].zero_byte);
		ck_assert_int_eq(process.log.count, 0);
		image_free(process.image);
	}
}
END_TEST

START_TEST(canaries_of_others)
{
	struct process process;
	struct canary canary;

	setup(&process, RANDOM_0 + 0x100);
	canary = canary_find(&process.capture, &process.report);
	ck_assert(!canary.known);
	ck_assert_int_eq(process.log.count, 1);
	ck_assert_int_eq(process.log.last.code, UNEXEC_CODE_GUARD);
	ck_assert_int_eq(process.log.last.severity, UNEXEC_NOTE);
	ck_assert_uint_eq(decide(&process), 0);
	image_free(process.image);
}
END_TEST

/* ---- Its words ----------------------------------------------------------------------------- */

START_TEST(a_threads_own)
{
	struct process process;
	const struct plan_fixup *fixup;

	setup(&process, RANDOM_0);
	ck_assert_uint_eq(decide(&process), 1);
	fixup = &process.image->fixups[1];
	ck_assert_uint_eq(fixup->address, BASE + ARCH_CANARY_PLACE);
	ck_assert_uint_eq(fixup->kind, PLAN_FIXUP_CANARY);
	ck_assert_uint_eq(fixup->which, 0);
	ck_assert_int_eq(process.log.count, 0);
	image_free(process.image);
}
END_TEST

/* All words are kept if another word has that value and its use is unknown. */
START_TEST(one_unknown_word)
{
	static const uint64_t places[] = { AT + 0x40, POINTER, POINTER - ARCH_RED_ZONE, FRAME + 8,
					   BASE - 8, BASE + ARCH_CANARY_PLACE + 8, STACK_END,
					   AT + BYTES - 8 };

	for (size_t i = 0; i < 2 * sizeof(places) / sizeof(*places); i++) {
		struct process process;

		setup(&process, RANDOM_0);
		if (i % 2)
			make_stack(STACK, STACK_END);
		*word(places[i / 2]) = CANARY;
		ck_assert_uint_eq(decide(&process), 0);
		ck_assert_int_eq(process.log.count, 1);
		ck_assert_int_eq(process.log.last.code, UNEXEC_CODE_GUARD);
		ck_assert_int_eq(process.log.last.severity, UNEXEC_NOTE);
		ck_assert_uint_eq(process.log.last.start, places[i / 2]);
		image_free(process.image);
	}
}
END_TEST

/* The random bytes are replaced whether they are the canary or not. */
START_TEST(random_bytes_that_are_the_canary)
{
	struct process process;

	setup(&process, CANARY);
	memcpy(word(AT + 0x18), &(uint64_t){ CANARY }, 8);
	process.image->fixups[0].address = AT + 0x18;
	ck_assert_uint_eq(decide(&process), 1);
	ck_assert_int_eq(process.log.count, 0);
	image_free(process.image);
}
END_TEST

/* Below frame and stack pointer, on a stack that libc describes. */
START_TEST(unused_stack)
{
	static const struct {
		uint64_t start, end;
		size_t replaced;
	} cases[] = {
		{ STACK, STACK_END, 1 },
		{ STACK, BASE + 8, 1 },
		{ FRAME, STACK_END, 0 },        /* it begins above the word */
		{ POINTER + 8, STACK_END, 0 },  /* the thread is not on it */
		{ STACK, BASE, 0 },             /* the block is not on it */
		{ STACK, BASE + 0x2008, 0 },    /* the block is not at its end */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct process process;

		setup(&process, RANDOM_0);
		make_stack(cases[i].start, cases[i].end);
		*word(STACK) = *word(FRAME - 8) = CANARY;
		ck_assert_uint_eq(decide(&process), cases[i].replaced);
		ck_assert_int_eq(process.log.count, !cases[i].replaced);
		image_free(process.image);
	}
}
END_TEST

/* If two pairs of words could be the stack, neither is. */
START_TEST(two_stacks)
{
	struct process process;

	setup(&process, RANDOM_0);
	make_stack(STACK, STACK_END);
	*word(BASE + 0x700) = STACK - 8;
	*word(BASE + 0x708) = STACK_END - STACK + 8;
	*word(STACK) = CANARY;
	ck_assert_uint_eq(decide(&process), 0);
	image_free(process.image);
}
END_TEST

/* ---- Code that holds a word ---------------------------------------------------------------- */

struct places {
	int loaded, stored, compared;
	struct arch_held last_stored, last_compared;
};

static void note_place(void *context, const struct arch_held *held)
{
	struct places *places = context;

	places->loaded += held->kind == ARCH_LOADED;
	places->stored += held->kind == ARCH_STORED;
	places->compared += held->kind == ARCH_COMPARED;
	if (held->kind == ARCH_STORED)
		places->last_stored = *held;
	if (held->kind == ARCH_COMPARED)
		places->last_compared = *held;
}

#define LOAD 0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0 /* mov %fs:0x28, %rax */
#define STORE 0x48, 0x89, 0x44, 0x24, 0x18               /* mov %rax, 0x18(%rsp) */
#define RELOAD 0x48, 0x8b, 0x44, 0x24, 0x18              /* mov 0x18(%rsp), %rax */
#define COMPARE 0x64, 0x48, 0x2b, 0x04, 0x25, 0x28, 0, 0, 0 /* sub %fs:0x28, %rax */

START_TEST(code_that_stores_and_compares)
{
	static const unsigned char code[] = { LOAD, STORE, 0x90, RELOAD, COMPARE, 0xc3 };
	struct places places = { 0 };

	arch_find_held(code, sizeof(code), 0x28, note_place, &places);
	ck_assert_int_ge(places.stored, 1);
	ck_assert_int_ge(places.compared, 1);
	ck_assert_int_eq(places.last_stored.base, ARCH_DWARF_STACK);
	ck_assert_int_eq(places.last_stored.offset, 0x18);
	ck_assert_int_eq(places.last_compared.base, ARCH_DWARF_STACK);
	ck_assert_int_eq(places.last_compared.offset, 0x18);
	/* The code does not handle another word. */
	memset(&places, 0, sizeof(places));
	arch_find_held(code, sizeof(code), 0x30, note_place, &places);
	ck_assert_int_eq(places.loaded + places.stored + places.compared, 0);
}
END_TEST

/* A program's own copy is stored, not compared. */
START_TEST(code_that_copies)
{
	static const unsigned char code[] = { LOAD, STORE, 0x90, RELOAD, 0xc3 };
	struct places places = { 0 };

	arch_find_held(code, sizeof(code), 0x28, note_place, &places);
	ck_assert_int_ge(places.stored, 1);
	ck_assert_int_eq(places.compared, 0);
}
END_TEST

/* As pthread_mutex_lock does in glibc 2.43: mov %fs:0x2d0, %ecx … mov %ecx, 8(%rsp). */
START_TEST(code_that_stores_late)
{
	unsigned char code[200] = { 0x64, 0x8b, 0x0c, 0x25, 0xd0, 2, 0, 0 };
	struct places places = { 0 };

	memcpy(code + 145, "\x89\x4c\x24\x08", 4);
	arch_find_held(code, sizeof(code), 0x2d0, note_place, &places);
	ck_assert_int_eq(places.loaded, 1);
	ck_assert_int_eq(places.stored, 1);
	ck_assert_int_eq(places.last_stored.number, 2);
	ck_assert_int_eq(places.last_stored.offset, 8);
	ck_assert_uint_eq(places.last_stored.at, 145);
}
END_TEST

static bool is_part_at(void *context, int64_t at)
{
	return at == *(const int64_t *)context;
}

START_TEST(code_that_never_looks_again)
{
	static const struct {
		unsigned char end[16];
		int64_t part;
		bool may;
	} cases[] = {
		{ { 0xeb, 0xfe }, 1000, false },
		{ { COMPARE }, 1000, true },
		{ { LOAD }, 1000, true },
		{ { 0xff, 0xe0 }, 1000, true },                     /* jmp *%rax */
		{ { 0xe9, 0, 1, 0, 0 }, 14 + 5 + 0x100, true },     /* jmp to a part */
		{ { 0xe9, 0, 1, 0, 0 }, 1000, false },              /* to another function */
		{ { 0x0f, 0x85, 0, 1, 0, 0 }, 14 + 6 + 0x100, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char code[30] = { LOAD, STORE };
		int64_t part = cases[i].part;

		memcpy(code + 14, cases[i].end, sizeof(cases[i].end));
		ck_assert_msg(arch_may_compare(code, sizeof(code), 0x28, is_part_at, &part)
				      == cases[i].may, "case %zu", i);
	}
}
END_TEST

START_TEST(system_calls)
{
	static const unsigned char code[] = { 0xc3, 0x90, 0x90, 0x0f, 0x05, 0x90, 0x90 };

	ck_assert(!arch_is_syscall(code + 2));
	ck_assert(arch_is_syscall(code + 3));
	ck_assert(!arch_is_syscall(code + 4));
	ck_assert(arch_is_syscall(code + 5));
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, canaries_of_libcs);
	tcase_add_test(tests, canaries_of_others);
	tcase_add_test(tests, a_threads_own);
	tcase_add_test(tests, one_unknown_word);
	tcase_add_test(tests, random_bytes_that_are_the_canary);
	tcase_add_test(tests, unused_stack);
	tcase_add_test(tests, two_stacks);
	tcase_add_test(tests, code_that_stores_and_compares);
	tcase_add_test(tests, code_that_copies);
	tcase_add_test(tests, code_that_stores_late);
	tcase_add_test(tests, code_that_never_looks_again);
	tcase_add_test(tests, system_calls);
}

int main(void)
{
	return unit_run("canary", add_tests);
}
