/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of image_parse, and of the layout of whatever it takes:
 *
 *   ../configure CC=clang CFLAGS='-g -fsanitize=fuzzer-no-link,address,undefined'
 *   make libunexec_tool.a
 *   clang -g -fsanitize=fuzzer,address,undefined -I../src -I../include \
 *       -I../src/arch/x86_64 ../tests/fuzz/fuzz_image.c libunexec_tool.a -lelf -ldw -lbfd -lopcodes \
 *       -lzstd -llz4 -lxxhash -ljansson -o fuzz_image
 *   mkdir found
 *   ./fuzz_image found ../tests/fuzz/corpus/image
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "base/report.h"
#include "layout/layout.h"

static char *print(const struct image *image, size_t *ret_length)
{
	char *text;
	FILE *stream = open_memstream(&text, ret_length);

	if (!stream)
		abort();
	image_print(image, stream);
	fclose(stream);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report report = { 0 };
	struct image *image = image_parse((const char *)data, size, &report), *again;
	size_t length, again_length;
	char *text, *again_text;

	if (!image) {
		if (report.status != UNEXEC_MALFORMED)
			abort();
		return 0;
	}
	text = print(image, &length);
	again = image_parse(text, length, &report);
	if (!again)
		abort();
	again_text = print(again, &again_length);
	if (length != again_length || memcmp(text, again_text, length))
		abort();
	layout_free(layout_compute(image, &report));
	free(again_text);
	free(text);
	image_free(again);
	image_free(image);
	return 0;
}
