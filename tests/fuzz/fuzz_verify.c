/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of the check that a dump is complete. This corrects the checksums of the checksums, so
 * that the code after them is reached:
 *
 *   ../configure CC=clang CFLAGS='-g -fsanitize=fuzzer-no-link,address,undefined'
 *   make libunexec_tool.a
 *   clang -g -fsanitize=fuzzer,address,undefined -I../src -I../include \
 *       -I../src/arch/x86_64 ../tests/fuzz/fuzz_verify.c libunexec_tool.a -lelf -ldw -lbfd -lopcodes \
 *       -lzstd -llz4 -lxxhash -ljansson -o fuzz_verify
 *   mkdir seeds && unexec undump ../tests/core/tiny.core -o seeds/tiny
 *   ./fuzz_verify -malloc_limit_mb=512 -timeout=10 -max_len=65536 seeds
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dumpfile/sums.h"
#include "dumpfile/verify.h"
#include "base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fixup_sums(uint8_t *bytes, size_t size)
{
	const uint64_t magic = SUMS_MAGIC;
	uint8_t *found = size ? memmem(bytes, size, &magic, sizeof(magic)) : NULL;
	struct sums_head head;
	size_t room;

	if (!found || (size_t)(bytes + size - found) < sizeof(head))
		return;
	memcpy(&head, found, sizeof(head));
	room = (size_t)(bytes + size - found) - sizeof(head);
	if (head.count > room / sizeof(struct sum))
		return;
	head.value = sums_value(found + sizeof(head), head.count * sizeof(struct sum));
	memcpy(found, &head, sizeof(head));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = xmemdup(data, size);
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct report report = { 0 };
	struct verified verified;

	fixup_sums(bytes, size);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	if (verify_whole(fd, &verified, &report) < 0) {
		if (!report.status)
			abort();
	} else if (!verified.image || report.status) {
		abort();
	}
	verified_free(&verified);
	close(fd);
	free(bytes);
	return 0;
}
