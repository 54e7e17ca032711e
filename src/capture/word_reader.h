/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads words of a capture one by one.
 */
#ifndef CAPTURE_WORD_READER_H
#define CAPTURE_WORD_READER_H

#include "capture/capture.h"

/* Starts as { .capture = …, .start = 1 }. Reads a page at a time. */
struct word_reader {
	struct capture *capture;
	uint64_t start, words[512];
	bool failed; /* a word could not be read */
};

/* Returns the word at the address; 0 with reader->failed. */
uint64_t capture_word(struct word_reader *reader, uint64_t address);

#endif
