/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads words of a capture, and finds the auxiliary vector at the top of the first stack.
 */
#include <elf.h>

#include "capture/auxv.h"

/* More than there are entries (linux/auxvec.h), and types. */
#define AUXV_MAX 64
#define AUXV_TYPE_MAX 128

/* The most words that unsetenv() may leave between environment and auxiliary vector. */
#define ENVIRONMENT_LEFT_MAX 65536

uint64_t capture_word(struct word_reader *reader, uint64_t address)
{
	uint64_t start = address / sizeof(reader->words) * sizeof(reader->words);

	if (start != reader->start) {
		reader->start = start;
		if (capture_read(reader->capture, start, reader->words,
				 sizeof(reader->words))) {
			reader->failed = true;
			return 0;
		}
	}
	return reader->words[(address - start) / sizeof(uint64_t)];
}

/* Returns whether pairs of type and value are there, with the pair that every process has. */
static bool is_auxv(struct word_reader *reader, uint64_t at)
{
	bool has_page_size = false;

	for (int i = 0; i < AUXV_MAX && !reader->failed; i++, at += 2 * sizeof(uint64_t)) {
		uint64_t type = capture_word(reader, at);

		if (type == AT_NULL)
			return has_page_size;
		if (type > AUXV_TYPE_MAX)
			return false;
		has_page_size |= type == AT_PAGESZ
				 && capture_word(reader, at + 8) == reader->capture->image->page_size;
	}
	return false;
}

/* argc, argv, NULL, envp, NULL, then the pairs. unsetenv() moves the end of the environment
 * down, and words of it remain after that end. */
uint64_t capture_find_auxv(struct word_reader *reader, uint64_t stack)
{
	uint64_t argc = capture_word(reader, stack), at = stack + sizeof(uint64_t);

	if (!stack || stack % sizeof(uint64_t) || reader->failed || argc > CAPTURE_ARGUMENTS_MAX)
		return 0;
	at += argc * sizeof(uint64_t);
	if (capture_word(reader, at) || reader->failed)
		return 0;
	at += sizeof(uint64_t);
	while (capture_word(reader, at) && !reader->failed)
		at += sizeof(uint64_t);
	for (int i = 0; i < ENVIRONMENT_LEFT_MAX && !reader->failed; i++) {
		at += sizeof(uint64_t);
		if (is_auxv(reader, at))
			return reader->failed ? 0 : at;
	}
	return 0;
}

uint64_t capture_auxv(struct capture *capture, uint64_t type)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t at = capture_find_auxv(&reader, capture->image->mm.start_stack);

	for (int i = 0; at && i < 64; i++, at += 2 * sizeof(uint64_t)) {
		uint64_t found = capture_word(&reader, at), value = capture_word(&reader, at + 8);

		if (found == AT_NULL || reader.failed)
			break;
		if (found == type)
			return value;
	}
	return 0;
}

uint64_t capture_auxv_end(struct capture *capture)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t at = capture_find_auxv(&reader, capture->image->mm.start_stack);

	for (int i = 0; at && i < 64; i++, at += 2 * sizeof(uint64_t)) {
		if (capture_word(&reader, at) == AT_NULL)
			return reader.failed ? 0 : at + 2 * sizeof(uint64_t);
	}
	return 0;
}
