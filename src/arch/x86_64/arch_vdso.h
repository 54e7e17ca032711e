/* SPDX-License-Identifier: MIT
 *
 * x86-64: the code of the vDSO proxy.
 */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include <stddef.h>
#include <stdint.h>

/* The largest distance of a slot from the code. */
#define ARCH_VDSO_PROXY_REACH (UINT64_C(1) << 30)

/* Writes the code that replaces the vDSO's function `name` at `address`: a jump through the slot
 * at `slot`, and after it, at *ret_fallback, the same function as a system call. Returns its
 * length, 0 if it does not fit in `room` bytes. */
size_t arch_vdso_proxy_code(unsigned char *code, size_t room, uint64_t address, uint64_t slot,
			    const char *name, uint64_t *ret_fallback);

#endif
