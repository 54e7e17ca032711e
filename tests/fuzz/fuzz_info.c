/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzing of unexec info, in all its forms, with files that may be anything:
 *
 *   ../configure CC=clang CFLAGS='-g -fsanitize=fuzzer-no-link,address,undefined'
 *   make libunexec_tool.a
 *   clang -g -fsanitize=fuzzer,address,undefined -I../src -I../include \
 *       -I../src/arch/x86_64 -I. ../tests/fuzz/fuzz_info.c ../src/cli/info*.c \
 *       ../src/cli/options.c libunexec_tool.a -lelf -ldw -lbfd -lopcodes \
 *       -lzstd -llz4 -lxxhash -ljansson -o fuzz_info
 *   mkdir seeds && unexec undump ../tests/core/tiny.core -o seeds/tiny
 *   ./fuzz_info -malloc_limit_mb=512 -timeout=10 -max_len=65536 -close_fd_mask=3 seeds
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inform(char *path, const char *form)
{
	char *argv[] = { (char *)"info", (char *)form, path, NULL };
	int status;

	optind = 0;
	status = cli_info.run(3, argv);
	if (status != CLI_OK && status != CLI_FAILED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("dump", MFD_CLOEXEC);
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	inform(path, "--json");
	inform(path, "--text");
	inform(path, "--");
	close(fd);
	return 0;
}
