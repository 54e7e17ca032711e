/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where libc keeps the TID of a thread. By its value alone it may be another word of the thread's
 * control block: a TID is as small as 1. glibc describes the block to debuggers (nptl_db,
 * structs.def): _thread_db_pthread_tid has the size in bits, the count and the offset of the word;
 * in 2.31 to 2.43. For other libcs, the word is where the kernel clears it, or at the same place in
 * all threads.
 */
#include <string.h>

#include "capture/capture.h"
#include "libc/libc.h"
#include "elf/exported.h"

static bool read_description(struct capture *capture, uint64_t *ret_offset)
{
	const struct image *image = capture->image;
	uint32_t words[3];

	for (size_t i = 0; i < image->region_count; i++) {
		uint64_t address = elf_exported_by(capture, &image->regions[i],
						       "_thread_db_pthread_tid");

		if (!address || capture_peek(capture, address, words, sizeof(words))
		    || words[0] != 32 || words[1] != 1)
			continue;
		*ret_offset = words[2];
		return true;
	}
	return false;
}

/* Without a description: all threads agree, or the kernel clears that very word. */
static bool is_proven(const struct image *image, size_t thread)
{
	const struct plan_thread *one = &image->threads[thread];

	if (one->tid_address == one->clear_child_tid)
		return true;
	for (size_t i = 0; i < image->thread_count; i++)
		if (image->threads[i].tid_address - image->threads[i].thread_pointer
		    != one->tid_address - one->thread_pointer)
			return false;
	return true;
}

static bool holds_tid(struct capture *capture, uint64_t address, uint32_t tid)
{
	uint32_t word;

	return !capture_peek(capture, address, &word, sizeof(word)) && word == tid;
}

static void move_fixup(struct image *image, size_t thread, uint64_t from, uint64_t to)
{
	const struct plan_fixup fixup = { .address = to, .kind = PLAN_FIXUP_TID,
					.which = (uint32_t)thread };
	size_t kept = 0;

	for (size_t i = 0; i < image->fixup_count; i++)
		if (image->fixups[i].kind != PLAN_FIXUP_TID || image->fixups[i].which != thread
		    || image->fixups[i].address != from)
			image->fixups[kept++] = image->fixups[i];
	image->fixup_count = kept;
	if (to)
		image_add_fixup(image, &fixup);
	image->threads[thread].tid_address = to;
}

void libc_settle_tids(struct capture *capture, struct report *report)
{
	struct image *image = capture->image;
	uint64_t offset = 0;
	bool described = read_description(capture, &offset);

	for (size_t i = 0; i < image->thread_count; i++) {
		uint64_t found = image->threads[i].tid_address, right = found;

		if (described)
			right = image->threads[i].thread_pointer + offset;
		else if (found && !is_proven(image, i))
			right = 0;
		if (right && !holds_tid(capture, right, image->thread_tids[i]))
			right = 0;
		if (right != found)
			move_fixup(image, i, found, right);
		if (found && !right)
			report_warning(report, MAPPING,
				       "libc's copy of the TID of thread %u is not known: it "
				       "keeps the TID of now",
				       image->thread_tids[i]);
	}
}
