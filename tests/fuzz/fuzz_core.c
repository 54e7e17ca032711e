/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of the reader of core files, with the steps that follow it, and of reading the
 * memory and making the layout of whatever it takes:
 *
 *   ../configure CC=clang CFLAGS='-g -fsanitize=fuzzer-no-link,address,undefined'
 *   make libunexec_tool.a
 *   clang -g -fsanitize=fuzzer,address,undefined -I../src -I../include \
 *       -I../src/arch/x86_64 ../tests/fuzz/fuzz_core.c libunexec_tool.a -lelf -ldw -lbfd -lopcodes \
 *       -lzstd -llz4 -lxxhash -ljansson -o fuzz_core
 *   mkdir found
 *   ./fuzz_core -malloc_limit_mb=256 -timeout=10 found ../tests/fuzz/corpus/core
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sources/core/core.h"
#include "layout/layout.h"

/* Regions may be as large as address space: only so much of each is read. */
#define READ_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_bytes(const uint8_t *data, size_t size)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

static void check_region(struct capture *capture, const struct region *region, uint64_t end)
{
	static unsigned char buffer[READ_MAX];
	uint64_t length = range_length(region->range);

	if (region->range.start >= region->range.end || region->range.start < end)
		abort();
	for (size_t i = 0; i < region->data_count; i++)
		if (region->data[i].start >= region->data[i].end
		    || region->data[i].start < region->range.start
		    || region->data[i].end > region->range.end)
			abort();
	length = length < READ_MAX ? length : READ_MAX;
	if (capture_read(capture, region->range.start, buffer, length)
	    || capture_read(capture, region->range.end - length, buffer, length))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report report = { 0 };
	struct capture *capture = core_capture_file(open_bytes(data, size), "core",
						    &(struct core_options){ 0 }, &report);
	uint64_t end = 0;

	if (!report.status)
		for (size_t i = 0; i < capture->image->region_count; i++) {
			check_region(capture, &capture->image->regions[i], end);
			end = capture->image->regions[i].range.end;
		}
	if (!report.status)
		layout_free(layout_compute(capture->image, &report));
	capture->free(capture);
	return 0;
}
