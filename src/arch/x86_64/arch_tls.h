/* SPDX-License-Identifier: MIT
 *
 * x86-64: the thread's control block (TCB), which the thread pointer leads to.
 *
 *   static TLS blocks │ control block: struct pthread of glibc and musl
 *                     ▲
 *                     thread pointer
 */
#ifndef ARCH_TLS_H
#define ARCH_TLS_H

#include <stdbool.h>
#include <stdint.h>

/* Bounds of a libc's control block, from the thread pointer: glibc's takes 2.3 KB, musl's 200
 * bytes. On machines of TLS variant I it lies below the thread pointer. */
#define ARCH_CONTROL_BLOCK_START INT64_C(0)
#define ARCH_CONTROL_BLOCK_END INT64_C(4096)

/* The start of the thread's struct pthread; 0: the thread has no thread pointer. */
static inline uint64_t arch_control_block(uint64_t thread_pointer)
{
	return thread_pointer ? thread_pointer + (uint64_t)ARCH_CONTROL_BLOCK_START : 0;
}

static inline bool arch_in_control_block(uint64_t thread_pointer, uint64_t address)
{
	int64_t offset = (int64_t)(address - thread_pointer);

	return offset >= ARCH_CONTROL_BLOCK_START && offset < ARCH_CONTROL_BLOCK_END;
}

/* From the thread pointer: the stack canary (gcc's -fstack-protector; glibc and musl), and the
 * guard that glibc mangles pointers with (sysdeps/x86_64/nptl/tls.h). */
#define ARCH_CANARY_PLACE 0x28
#define ARCH_GUARD_PLACE 0x30

/* glibc's pointer mangling with that guard, and its reverse (sysdeps/x86_64/pointer_guard.h). */
static inline uint64_t arch_mangle(uint64_t pointer, uint64_t guard)
{
	return (pointer ^ guard) << 17 | (pointer ^ guard) >> 47;
}

static inline uint64_t arch_demangle(uint64_t word, uint64_t guard)
{
	return (word >> 17 | word << 47) ^ guard;
}

#endif
