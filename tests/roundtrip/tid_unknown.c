/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program whose libc has never asked for its TID can be dumped; glibc up to 2.33 without
 * libpthread never does.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

int main(void)
{
	uint32_t *block = NULL;

	roundtrip_begin();
	CHECK(!syscall(SYS_arch_prctl, ARCH_GET_FS, &block));
	for (int i = 0; i < 192; i++)
		if (block[i] == (uint32_t)getpid())
			block[i] = 0;
	syscall(SYS_set_tid_address, NULL);
	roundtrip_cut();
	for (int i = 0; i < 192; i++)
		CHECK(block[i] != (uint32_t)getpid());
	return 0;
}
