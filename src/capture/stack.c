/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds return addresses on a thread's stack, as far as numbers alone show them.
 */
#include <string.h>

#include "arch_code.h"
#include "arch_machine.h"
#include "capture/capture.h"

/* No stack in use is longer. */
#define STACK_MAX (UINT64_C(64) << 20)
#define CHUNK_WORDS 512
/* Nothing is mapped below this (vm.mmap_min_addr). */
#define ADDRESS_MIN ARCH_PAGE_MIN

int capture_each_on_stack(struct capture *capture, uint64_t stack,
			  int (*visit)(void *context, uint64_t address, uint64_t word),
			  void *context)
{
	const struct region *region = image_find(capture->image, stack);
	uint64_t words[CHUNK_WORDS], at = stack & ~UINT64_C(7), length;
	int stop = 0;

	if (!region || !(region->prot & 2 /* write */) || region->range.end - at > STACK_MAX)
		return -1;
	for (; at < region->range.end && !stop; at += length) {
		length = sizeof(words) - at % sizeof(words);
		if (region->range.end - at < length)
			length = region->range.end - at;
		if (capture_read(capture, at, words, length))
			return -1;
		for (size_t i = 0; i < length / sizeof(*words) && !stop; i++)
			if (words[i] >= ADDRESS_MIN)
				stop = visit(context, at + i * sizeof(*words), words[i]);
	}
	return stop;
}

const struct region *capture_code_at(struct capture *capture, uint64_t address)
{
	const struct region *region = image_find(capture->image, address);

	return region && region->prot & 4 /* execute */ ? region : NULL;
}

bool capture_returns_from_handler(struct capture *capture, uint64_t word)
{
	const struct region *code = capture_code_at(capture, word);
	unsigned char bytes[ARCH_RESTORER_LENGTH];

	return code && code->range.end - word >= sizeof(bytes)
	       && !capture_read(capture, word, bytes, sizeof(bytes)) && arch_is_restorer(bytes);
}
