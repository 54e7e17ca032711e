/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds each thread's TID word and, where a source does not have them from the kernel, the word
 * that the kernel clears when the thread ends and the list of robust mutexes. All of them are in
 * the thread's control block or known by libc's code. The first of these answers counts:
 *
 *   - the offset of the word, if libc describes it (glibc);
 *   - the word that the kernel clears, if it holds the TID;
 *   - the code by which libc calls set_tid_address();
 *   - the only word that holds the TID in all threads, if there are several.
 *
 * In one thread, the value alone proves nothing: a TID is as small as 1.
 */
#include <string.h>

#include "arch_code.h"
#include "arch_tls.h"
#include "libc/libc.h"
#include "libc/tid_code.h"

/* The TID is among these words of a control block: at 0x2d0 in glibc's, which is the largest. */
#define TID_WORDS 192
#define NOWHERE SIZE_MAX

struct search {
	struct capture *capture;
	const struct libc_thread_search *source;
	struct report *report;
	bool described;
	uint64_t described_offset;
	bool common[TID_WORDS]; /* the word holds the TID in all threads that have a block */
	size_t robust;          /* index of the list in a block, or NOWHERE */
	size_t blocks;          /* the number of threads that have one */
	size_t tid_word;        /* or NOWHERE */
	bool has_code, any_guessed;
	struct arch_tid_code code;
};

/* ---- The control block ------------------------------------------------------------------- */

bool libc_read_block(struct capture *capture, uint64_t address, uint64_t words[LIBC_BLOCK_WORDS])
{
	const size_t length = LIBC_BLOCK_WORDS * sizeof(*words);
	uint64_t page = capture->image->page_size, rest = page - address % page;

	memset(words, 0, length);
	return address && address % sizeof(*words) == 0
	       && (!capture_peek(capture, address, words, length)
		   || (rest <= length && !capture_peek(capture, address, words, rest)));
}

static uint32_t half(const uint64_t *words, size_t index)
{
	uint32_t word;

	memcpy(&word, (const char *)words + index * sizeof(word), sizeof(word));
	return word;
}

/* struct robust_list_head (linux/futex.h): the first item or its own address, the distance from
 * an item to its futex, an item that is just being added. */
static bool is_robust_list(const uint64_t *words, uint64_t address)
{
	return libc_is_robust_distance((int64_t)words[1]) && words[0]
	       && (words[0] == address || words[0] % sizeof(uint64_t) <= 1);
}

static size_t find_robust_list(const uint64_t *words, uint64_t address)
{
	for (size_t i = 0; i + 3 <= LIBC_BLOCK_WORDS; i++)
		if (is_robust_list(&words[i], address + i * sizeof(*words)))
			return i;
	return NOWHERE;
}

static void look_at_robust_list(struct search *search, struct plan_thread *thread,
				const uint64_t *words)
{
	const uint64_t block = arch_control_block(thread->thread_pointer);
	uint64_t distance = thread->robust_list - block;
	size_t found = NOWHERE;

	if (!search->source->from_kernel)
		found = find_robust_list(words, block);
	else if (distance < LIBC_BLOCK_WORDS * sizeof(*words))
		found = distance / sizeof(*words);
	if (search->robust == NOWHERE)
		search->robust = found;
	if (search->source->from_kernel || found == NOWHERE)
		return;
	thread->robust_list = block + found * sizeof(*words);
	thread->robust_length = 3 * sizeof(*words);
}

static void look_at_blocks(struct search *search)
{
	struct image *image = search->capture->image;
	uint64_t words[LIBC_BLOCK_WORDS];

	memset(search->common, true, sizeof(search->common));
	for (size_t i = 0; i < image->thread_count; i++) {
		struct plan_thread *thread = &image->threads[i];
		uint64_t block = arch_control_block(thread->thread_pointer);

		if (!libc_read_block(search->capture, block, words))
			continue;
		for (size_t j = 0; j < TID_WORDS; j++)
			search->common[j] &= half(words, j) == image->thread_tids[i];
		look_at_robust_list(search, thread, words);
		search->blocks++;
	}
	if (!search->blocks)
		memset(search->common, false, sizeof(search->common));
}

/* ---- The TID word ------------------------------------------------------------------------ */

static size_t count_common(const struct search *search)
{
	size_t count = 0;

	for (size_t i = 0; i < TID_WORDS; i++)
		count += search->common[i];
	return count;
}

/* The word that all threads agree on. */
static size_t find_agreed(const struct search *search)
{
	size_t i = 0;

	if (search->blocks < 2 || count_common(search) != 1)
		return NOWHERE;
	while (!search->common[i])
		i++;
	return i;
}

static bool holds_tid(const struct search *search, uint64_t address, size_t thread)
{
	uint32_t word;

	return !capture_peek(search->capture, address, &word, sizeof(word))
	       && word == search->capture->image->thread_tids[thread];
}

static bool is_cleared_tid(const struct search *search, size_t index)
{
	const struct plan_thread *thread = &search->capture->image->threads[index];

	return arch_in_control_block(thread->thread_pointer, thread->clear_child_tid)
	       && holds_tid(search, thread->clear_child_tid, index);
}

/* Address of the thread's TID word, or 0. */
static uint64_t find_tid(const struct search *search, size_t index)
{
	const struct plan_thread *thread = &search->capture->image->threads[index];
	uint64_t address = arch_control_block(thread->thread_pointer);

	if (!address)
		return 0;
	if (search->described)
		address += search->described_offset;
	else if (is_cleared_tid(search, index))
		address = thread->clear_child_tid;
	else if (search->tid_word != NOWHERE)
		address += search->tid_word * sizeof(uint32_t);
	else
		return 0;
	return holds_tid(search, address, index) ? address : 0;
}

/* ---- libc's code ------------------------------------------------------------------------- */

static bool needs_code(const struct search *search, size_t index)
{
	const struct plan_thread *thread = &search->capture->image->threads[index];

	if (search->described || is_cleared_tid(search, index))
		return !thread->clear_child_tid && find_tid(search, index);
	return thread->thread_pointer && count_common(search);
}

static void look_at_code(struct search *search)
{
	const struct image *image = search->capture->image;
	size_t i = 0, word;

	while (i < image->thread_count && !needs_code(search, i))
		i++;
	if (i == image->thread_count)
		return;
	search->has_code = tid_code_find(search->capture, image->threads[i].thread_pointer,
					 image->thread_tids[i], &search->code);
	word = (size_t)search->code.tid / sizeof(uint32_t);
	if (search->has_code && word < TID_WORDS && search->common[word])
		search->tid_word = word;
}

/* ---- Each thread ------------------------------------------------------------------------- */

static void report_missing(const struct search *search, size_t index)
{
	const struct image *image = search->capture->image;
	const struct plan_thread *thread = &image->threads[index];
	const struct libc_thread_search *source = search->source;
	enum unexec_severity severity = source->missing;
	uint64_t words[LIBC_BLOCK_WORDS];
	bool has_block = libc_read_block(search->capture,
					 arch_control_block(thread->thread_pointer), words);

	/* Nobody asked for the TID. glibc up to 2.33 does so when libpthread is loaded. */
	if (source->from_kernel ? !thread->clear_child_tid : !has_block)
		return;
	for (size_t i = 0; i < TID_WORDS; i++)
		if (half(words, i) == image->thread_tids[index])
			severity = UNEXEC_WARNING; /* it is there, among others */
	report_add(search->report, severity, source->code, 0, 0, 0,
		   "libc's copy of the TID of thread %u (%s) could not be found and stays as it "
		   "is: locks that the thread holds have a wrong owner in the dump, and the "
		   "thread cannot be joined",
		   image->thread_tids[index], image->thread_names[index]);
}

static void complete_thread(struct search *search, size_t index)
{
	struct image *image = search->capture->image;
	struct plan_thread *thread = &image->threads[index];

	thread->tid_address = find_tid(search, index);
	if (!thread->tid_address) {
		report_missing(search, index);
		return;
	}
	image_add_fixup(image, &(struct plan_fixup){ .address = thread->tid_address,
						     .kind = PLAN_FIXUP_TID,
						     .which = (uint32_t)index });
	if (thread->clear_child_tid)
		return;
	thread->clear_child_tid = search->has_code
		? tid_code_clear(&search->code, thread->thread_pointer) : thread->tid_address;
	search->any_guessed |= !search->has_code;
}

void libc_find_threads(struct capture *capture, const struct libc_thread_search *source,
		       struct report *report)
{
	struct search search = { .capture = capture, .source = source, .report = report,
				 .robust = NOWHERE };
	const size_t count = capture->image->thread_count;

	/* Nothing can be read if main's thread has ended: /proc lists no memory then. */
	if (!capture->image->region_count)
		return;
	search.described = libc_tid_offset(capture, &search.described_offset);
	look_at_blocks(&search);
	search.tid_word = find_agreed(&search);
	look_at_code(&search);
	for (size_t i = 0; i < count; i++)
		complete_thread(&search, i);
	if (search.any_guessed && count > 1)
		report_add(report, UNEXEC_WARNING, source->code, 0, 0, 0,
			   "the word that the kernel clears when a thread ends could not be found "
			   "and is assumed to be libc's copy of the TID: if it is another, a "
			   "thread that joins another one waits forever");
}
