/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of the reader of smaps: it either accepts sane content or reports an error:
 *
 *   ../configure CC=clang CFLAGS='-g -fsanitize=fuzzer-no-link,address,undefined'
 *   make libunexec_tool.a
 *   clang -g -fsanitize=fuzzer,address,undefined -I../src -I../include \
 *       -I../src/arch/x86_64 ../tests/fuzz/fuzz_smaps.c libunexec_tool.a -lelf -ldw -lbfd -lopcodes \
 *       -lzstd -llz4 -lxxhash -ljansson -o fuzz_smaps
 *   mkdir found
 *   ./fuzz_smaps found ../tests/fuzz/corpus/smaps
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "process/smaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smaps_reader reader;
	struct smaps_entry entry;
	unsigned last_line = 0;
	FILE *stream;
	int more;

	if (!size)
		return 0;
	stream = fmemopen((void *)data, size, "r");
	if (!stream)
		abort();
	smaps_open(&reader, stream);
	while ((more = smaps_next(&reader, &entry)) > 0) {
		if (entry.range.start >= entry.range.end || entry.prot > 7
		    || strlen(entry.name) > size || reader.line_number <= last_line
		    || entry.shared != !!(entry.flags & REGION_SHARED))
			abort();
		last_line = reader.line_number - reader.have_line;
	}
	if (more < 0 && errno != EBADMSG)
		abort();
	smaps_close(&reader);
	return 0;
}
