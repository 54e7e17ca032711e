/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of the reader of smaps: what it takes is sane, what it refuses it says so:
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -Isrc -Iinclude -Isrc/arch/x86_64 \
 *       tests/fuzz/fuzz_smaps.c src/process/smaps.c src/base/xalloc.c -o fuzz_smaps
 *   ./fuzz_smaps tests/fuzz/corpus/smaps
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
