/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognising stack canary, pointer guard and mangled pointers: in memory that libc has made
 * and in words that are nothing of the kind.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "arch_tool.h"
#include "capture/guards.h"
#include "image/report.h"
#include "unit.h"

#define CODE UINT64_C(0x7f1234560000)
#define STACK UINT64_C(0x7ffc00000000)
#define AT UINT64_C(0x55aa00000000)
#define GUARD UINT64_C(0xfedcba9876543210)
#define CANARY UINT64_C(0x1122334455667700)
#define FOUND_MAX 16

struct found {
	size_t count;
	struct { uint64_t address; uint32_t kind; } list[FOUND_MAX];
};

static void note(void *arg, uint64_t address, uint32_t kind)
{
	struct found *found = arg;

	ck_assert_uint_lt(found->count, FOUND_MAX);
	found->list[found->count].address = address;
	found->list[found->count++].kind = kind;
}

static bool has(const struct found *found, uint64_t address, uint32_t kind)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->list[i].address == address && found->list[i].kind == kind)
			return true;
	return false;
}

/* The inverse of arch_demangle. */
static uint64_t mangle(uint64_t pointer)
{
	uint64_t word = pointer ^ GUARD;

	return word << 17 | word >> 47;
}

static struct image *new_image(void)
{
	struct image *image = image_new();

	image_insert_region(image, (struct range){ CODE, CODE + 0x1000 }, 5, "");
	image_insert_region(image, (struct range){ STACK, STACK + 0x1000 }, 3, "[stack]");
	image_insert_region(image, (struct range){ AT, AT + 0x1000 }, 3, "[heap]");
	return image;
}

static struct found scan_part(const uint64_t *words, size_t count, size_t first, size_t last,
			      const struct guards *guards)
{
	const struct guards_window window = { words, count, first, last, AT };
	struct found found = { 0 };

	guards_scan(&window, guards, note, &found);
	return found;
}

#define SCAN(words, guards) \
	scan_part(words, sizeof(words) / sizeof(*(words)), 0, sizeof(words) / sizeof(*(words)), \
		  guards)

static struct guards both(const struct image *image)
{
	return (struct guards){ .image = image, .has_canary = true, .has_pointer = true,
				.canary = CANARY, .pointer = GUARD };
}

/* ---- Words --------------------------------------------------------------------------------- */

START_TEST(words_of_each_kind)
{
	struct image *image = new_image();
	struct guards guards = both(image);
	const uint64_t words[] = {
		0, 4, CANARY, GUARD, mangle(CODE), mangle(CODE + 0xfff), mangle(0), UINT64_MAX,
	};
	struct found found = SCAN(words, &guards);

	ck_assert_uint_eq(found.count, 5);
	ck_assert(has(&found, AT + 16, PLAN_MEND_CANARY));
	ck_assert(has(&found, AT + 24, PLAN_MEND_GUARD));
	ck_assert(has(&found, AT + 32, PLAN_MEND_POINTER));
	ck_assert(has(&found, AT + 40, PLAN_MEND_POINTER));
	ck_assert(has(&found, AT + 48, PLAN_MEND_POINTER));
	image_free(image);
}
END_TEST

START_TEST(words_of_no_kind)
{
	struct image *image = new_image();
	struct guards guards = both(image);
	const uint64_t words[] = {
		CANARY + 1, CANARY ^ UINT64_C(1) << 63, GUARD - 1, GUARD ^ UINT64_C(1) << 32,
		CODE, STACK, mangle(STACK), mangle(CODE - 1), mangle(CODE + 0x1000),
		mangle(CODE | UINT64_C(1) << 47), mangle(1), GUARD << 17, GUARD >> 47,
		CODE ^ GUARD,
	};

	ck_assert_uint_eq(SCAN(words, &guards).count, 0);
	image_free(image);
}
END_TEST

/* With a guard whose highest bits are zero, zeros and small numbers pass the first look. */
START_TEST(zeros_are_nothing)
{
	struct image *image = new_image();
	struct guards guards = both(image);
	uint64_t words[256];

	guards.pointer = GUARD >> 17;
	for (size_t i = 0; i < 256; i++)
		words[i] = i % 2 ? 0 : (uint64_t)i << 17;
	ck_assert_uint_eq(SCAN(words, &guards).count, 0);
	image_free(image);
}
END_TEST

START_TEST(canary_without_guard)
{
	struct image *image = new_image();
	struct guards guards = both(image);
	const uint64_t words[] = { CANARY, 0, mangle(CODE), GUARD };

	guards.has_pointer = false;
	guards.pointer = 0;
	ck_assert_uint_eq(SCAN(words, &guards).count, 1);
	image_free(image);
}
END_TEST

/* ---- jmp_buf ------------------------------------------------------------------------------- */

static void put_jmp_buf(uint64_t *words, uint64_t frame, uint64_t stack)
{
	memset(words, 0, 8 * sizeof(*words));
	words[1] = mangle(frame);
	words[6] = mangle(stack);
	words[7] = mangle(CODE + 8);
}

/* rbp is any number; a stack pointer may be at the very end of its stack. */
START_TEST(jmp_buf_by_its_stack)
{
	static const struct { uint64_t stack; size_t count; } cases[] = {
		{ STACK + 8, 3 }, { STACK + 0x1000, 3 }, { STACK, 1 }, { STACK + 0x1008, 1 },
		{ CODE + 16, 2 }, { 77, 1 },
	};
	struct image *image = new_image();
	struct guards guards = both(image);
	uint64_t words[8];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct found found;

		put_jmp_buf(words, 0x123456789abcdef0, cases[i].stack);
		found = SCAN(words, &guards);
		ck_assert_uint_eq(found.count, cases[i].count);
		ck_assert(has(&found, AT + 56, PLAN_MEND_POINTER));
		ck_assert(has(&found, AT + 8, PLAN_MEND_POINTER) == (found.count == 3));
	}
	image_free(image);
}
END_TEST

/* It is told whole where its last word is, and only there. */
START_TEST(jmp_buf_across_a_border)
{
	struct image *image = new_image();
	struct guards guards = both(image);
	uint64_t words[16];

	put_jmp_buf(words, 5, STACK + 8);
	memset(words + 8, 0, 64);
	ck_assert_uint_eq(scan_part(words, 16, 0, 7, &guards).count, 0);
	ck_assert_uint_eq(scan_part(words, 16, 7, 16, &guards).count, 3);
	ck_assert_uint_eq(scan_part(words, 16, 8, 16, &guards).count, 0);
	/* What would belong to it is not there. */
	ck_assert_uint_eq(scan_part(words + 2, 14, 0, 14, &guards).count, 1);
	image_free(image);
}
END_TEST

__attribute__((noinline)) static uint64_t my_guard(void)
{
	uint64_t guard;

	__asm__ volatile("mov %%fs:0x30, %0" : "=r"(guard));
	return guard;
}

/* One that libc has made. */
START_TEST(jmp_buf_of_libc)
{
	uint64_t here = (uint64_t)put_jmp_buf & ~UINT64_C(0xfffff), words[8];
	uint64_t stack = (uint64_t)&here & ~UINT64_C(0xffff);
	struct image *image = image_new();
	struct guards guards = { .image = image, .has_pointer = true, .pointer = my_guard() };
	jmp_buf buffer;
	struct found found;

	image_insert_region(image, (struct range){ here, here + 0x200000 }, 5, "");
	image_insert_region(image, (struct range){ stack, stack + 0x20000 }, 3, "[stack]");
	if (setjmp(buffer))
		ck_abort();
	memcpy(words, buffer, sizeof(words));
	found = SCAN(words, &guards);
	ck_assert_uint_ge(found.count, 3);
	ck_assert(has(&found, AT + 8, PLAN_MEND_POINTER));
	ck_assert(has(&found, AT + 48, PLAN_MEND_POINTER));
	ck_assert(has(&found, AT + 56, PLAN_MEND_POINTER));
	image_free(image);
}
END_TEST

/* ---- In a process --------------------------------------------------------------------------- */

static uint64_t memory[512];

static int read_memory(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	(void)capture;
	if (address < AT || address + length > AT + sizeof(memory))
		return -1;
	memcpy(buffer, (char *)memory + (address - AT), length);
	return 0;
}

/* The TLS of two threads at AT + 0x100 and AT + 0x200, the random bytes at AT + 0x13, which
 * is not aligned. */
static struct guards look(const uint64_t of_threads[4], uint64_t second_base,
			  struct unit_log *log)
{
	static const unsigned char random[] = "\x11\x22\x33\x44\x55\x66\x77\x88"
					      "abcdefgh";
	struct image *image = new_image();
	struct capture capture = { .image = image, .read = read_memory };
	struct report report = { .sink = unit_sink, .context = log };
	struct plan_thread thread = { .fs_base = AT + 0x100 };
	struct guards guards;

	memset(log, 0, sizeof(*log));
	memset(memory, 0, sizeof(memory));
	memcpy((char *)memory + 0x13, random, 16);
	memcpy((char *)memory + 0x128, of_threads, 16);
	memcpy((char *)memory + 0x228, of_threads + 2, 16);
	image_add_thread(image, &thread, "one");
	thread.fs_base = second_base;
	image_add_thread(image, &thread, "two");
	image_add_mend(image, &(struct plan_mend){ AT + 0x13, PLAN_MEND_RANDOM, 0 });
	guards = capture_guards(&capture, &report);
	image_free(image);
	return guards;
}

#define RANDOM_0 UINT64_C(0x8877665544332211)
#define RANDOM_1 UINT64_C(0x6867666564636261)

START_TEST(guards_of_libcs)
{
	static const struct {
		uint64_t words[4], canary;
		uint32_t zero_byte;
		bool pointer;
	} cases[] = {
		/* glibc; in the second thread alone; with a guard of its own; musl, old musl */
		{ { RANDOM_0 & ~UINT64_C(0xff), RANDOM_1 }, RANDOM_0 & ~UINT64_C(0xff), 0, true },
		{ { 1, 2, RANDOM_0 & ~UINT64_C(0xff), RANDOM_1 }, RANDOM_0 & ~UINT64_C(0xff), 0,
		  true },
		{ { RANDOM_0 & ~UINT64_C(0xff), 7 }, RANDOM_0 & ~UINT64_C(0xff), 0, false },
		{ { RANDOM_0 & ~UINT64_C(0xff00), 7 }, RANDOM_0 & ~UINT64_C(0xff00), 1, false },
		{ { RANDOM_0, 7 }, RANDOM_0, 8, false },
	};
	struct unit_log log;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guards guards = look(cases[i].words, AT + 0x200, &log);

		ck_assert(guards.has_canary);
		ck_assert_uint_eq(guards.canary, cases[i].canary);
		ck_assert_uint_eq(guards.zero_byte, cases[i].zero_byte);
		ck_assert(guards.has_pointer == cases[i].pointer);
		ck_assert_int_eq(log.count, 0);
	}
}
END_TEST

START_TEST(guards_of_others)
{
	static const uint64_t foreign[4] = { RANDOM_0 + 1, RANDOM_1 };
	struct unit_log log;
	struct guards guards = look(foreign, AT + 0x10000, &log);

	ck_assert(!guards.has_canary && !guards.has_pointer);
	ck_assert_int_eq(log.count, 1);
	ck_assert_int_eq(log.last.code, UNEXEC_CODE_GUARD);
	ck_assert_int_eq(log.last.severity, UNEXEC_NOTE);
}
END_TEST

START_TEST(code_that_mangles)
{
	static const unsigned char setjmp_rbp[] = { 0x90, 0x48, 0xc1, 0xc0, 0x11 };
	static const unsigned char longjmp_r8[] = { 0x49, 0xc1, 0xc8, 0x11, 0x90 };
	static const unsigned char others[] = { 0x48, 0xc1, 0xc0, 0x12, 0x48, 0xc1, 0xe0, 0x11,
						0xc1, 0xc0, 0x11, 0x48, 0xc1, 0xc0 };

	ck_assert(arch_is_mangling(setjmp_rbp, sizeof(setjmp_rbp)));
	ck_assert(arch_is_mangling(longjmp_r8, sizeof(longjmp_r8)));
	ck_assert(!arch_is_mangling(others, sizeof(others)));
}
END_TEST

START_TEST(code_that_calls)
{
	static const unsigned char code[] = { 0xc3, 0x90, 0x90, 0x0f, 0x05, 0x90, 0x90 };

	ck_assert(!arch_is_system_call(code + 2));
	ck_assert(arch_is_system_call(code + 3));
	ck_assert(!arch_is_system_call(code + 4));
	ck_assert(arch_is_system_call(code + 5));
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, words_of_each_kind);
	tcase_add_test(tests, words_of_no_kind);
	tcase_add_test(tests, zeros_are_nothing);
	tcase_add_test(tests, canary_without_guard);
	tcase_add_test(tests, jmp_buf_by_its_stack);
	tcase_add_test(tests, jmp_buf_across_a_border);
	tcase_add_test(tests, jmp_buf_of_libc);
	tcase_add_test(tests, guards_of_libcs);
	tcase_add_test(tests, guards_of_others);
	tcase_add_test(tests, code_that_mangles);
	tcase_add_test(tests, code_that_calls);
}

int main(void)
{
	return unit_run("guards", add_tests);
}
