/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libc_find_threads finds the TID word, the word that the kernel clears and the list of robust
 * mutexes, from a source's data and from control blocks.
 */
#include <string.h>

#include "libc/libc.h"
#include "unit.h"

/* One region with the control blocks of two threads; no code. */
#define AT UINT64_C(0x55aa00000000)
#define BYTES 0x4000
#define BLOCK(i) (AT + (uint64_t)(i) * 0x2000)
#define TID(i) (3u + (i)) /* small, so that other words have the value, too */

static uint32_t memory[BYTES / 4];

static uint32_t *word(uint64_t address)
{
	return &memory[(address - AT) / 4];
}

static int read_memory(struct capture *capture, uint64_t address, void *buffer, size_t length)
{
	(void)capture;
	if (address < AT || address + length > AT + sizeof(memory))
		return -1;
	memcpy(buffer, (char *)memory + (address - AT), length);
	return 0;
}

struct process {
	struct capture capture;
	struct report report;
	struct unit_log log;
};

static void setup(struct process *process, size_t threads)
{
	struct image *image = image_new();

	memset(memory, 0, sizeof(memory));
	memset(process, 0, sizeof(*process));
	process->capture = (struct capture){ .image = image, .read = read_memory };
	process->report = (struct report){ .sink = unit_sink, .context = &process->log };
	image->page_size = 4096;
	image_insert_region(image, (struct range){ AT, AT + BYTES }, 3, ORIGIN_ANONYMOUS);
	image->thread_tids = calloc(threads, sizeof(*image->thread_tids));
	for (size_t i = 0; i < threads; i++) {
		image->thread_tids[i] = TID(i);
		image_add_thread(image, &(struct plan_thread){ .thread_pointer = BLOCK(i) }, "");
	}
}

static void find(struct process *process, bool from_kernel)
{
	libc_find_threads(&process->capture,
			  &(struct libc_thread_search){ .from_kernel = from_kernel,
							.missing = UNEXEC_ERROR,
							.code = UNEXEC_CODE_MAPPING },
			  &process->report);
}

static void expect_tid(const struct process *process, size_t thread, uint64_t address)
{
	const struct image *image = process->capture.image;
	size_t fixups = 0;

	ck_assert_uint_eq(image->threads[thread].tid_address, address);
	for (size_t i = 0; i < image->fixup_count; i++)
		fixups += image->fixups[i].kind == PLAN_FIXUP_TID
			  && image->fixups[i].which == thread
			  && image->fixups[i].address == address;
	ck_assert_uint_eq(fixups, address != 0);
}

/* The word that the kernel clears is the TID, even if other words have its value. */
START_TEST(cleared_word)
{
	struct process process;
	struct plan_thread *thread;

	setup(&process, 1);
	thread = &process.capture.image->threads[0];
	*word(BLOCK(0) + 0x20) = *word(BLOCK(0) + 0x900) = TID(0);
	thread->clear_child_tid = BLOCK(0) + 0x900;
	find(&process, true);
	expect_tid(&process, 0, BLOCK(0) + 0x900);
	ck_assert_int_eq(process.log.count, 0);
	image_free(process.capture.image);
}
END_TEST

/* Otherwise the TID word is the only one that holds the TID in all threads. */
START_TEST(common_word)
{
	struct process process;

	setup(&process, 2);
	for (size_t i = 0; i < 2; i++) {
		uint64_t list = BLOCK(i) + 0x2e0;
		const uint64_t words[] = { list, (uint64_t)-32, 0 };

		*word(BLOCK(i) + 0x2d0) = TID(i);
		memcpy(word(list), words, sizeof(words));
	}
	*word(BLOCK(1) + 0x2d8) = TID(1);
	find(&process, false);
	for (size_t i = 0; i < 2; i++) {
		const struct plan_thread *thread = &process.capture.image->threads[i];

		expect_tid(&process, i, BLOCK(i) + 0x2d0);
		ck_assert_uint_eq(thread->robust_list, BLOCK(i) + 0x2e0);
		ck_assert_uint_eq(thread->robust_length, 24);
		ck_assert_uint_eq(thread->clear_child_tid, BLOCK(i) + 0x2d0);
	}
	ck_assert_int_eq(process.log.count, 1); /* the warning: the TID word is assumed to be cleared */
	ck_assert_int_eq(process.log.last.severity, UNEXEC_WARNING);
	image_free(process.capture.image);
}
END_TEST

/* The TID word is not found if two threads have it at different places. */
START_TEST(no_common_word)
{
	struct process process;

	setup(&process, 2);
	*word(BLOCK(0) + 0x10) = TID(0);
	*word(BLOCK(1) + 0x14) = TID(1);
	find(&process, false);
	expect_tid(&process, 0, 0);
	expect_tid(&process, 1, 0);
	ck_assert_int_eq(process.log.count, 2);
	ck_assert_int_eq(process.log.last.severity, UNEXEC_WARNING);
	image_free(process.capture.image);
}
END_TEST

/* If two words qualify, or there is only one thread, none is proven and none is changed. */
START_TEST(unproven_word)
{
	struct process process;

	setup(&process, 2);
	for (size_t i = 0; i < 2; i++)
		*word(BLOCK(i) + 0x10) = *word(BLOCK(i) + 0x2d0) = TID(i);
	find(&process, false);
	expect_tid(&process, 0, 0);
	expect_tid(&process, 1, 0);
	ck_assert_int_eq(process.log.count, 2);
	image_free(process.capture.image);

	setup(&process, 1);
	*word(BLOCK(0) + 0x2d0) = TID(0);
	find(&process, false);
	expect_tid(&process, 0, 0);
	ck_assert_int_eq(process.log.count, 1);
	ck_assert_int_eq(process.log.last.severity, UNEXEC_WARNING);
	image_free(process.capture.image);
}
END_TEST

/* A missing word is reported only if libc has registered the thread with the kernel. */
START_TEST(no_word)
{
	for (int registered = 0; registered < 2; registered++) {
		struct process process;

		setup(&process, 1);
		process.capture.image->threads[0].clear_child_tid = registered ? BLOCK(0) + 0x900 : 0;
		find(&process, true);
		expect_tid(&process, 0, 0);
		ck_assert_int_eq(process.log.count, registered);
		ck_assert(!registered || process.log.last.severity == UNEXEC_ERROR);
		image_free(process.capture.image);
	}
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, cleared_word);
	tcase_add_test(tests, common_word);
	tcase_add_test(tests, no_common_word);
	tcase_add_test(tests, unproven_word);
	tcase_add_test(tests, no_word);
}

int main(void)
{
	return unit_run("libc_threads", add_tests);
}
