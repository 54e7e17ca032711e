/* SPDX-License-Identifier: MIT
 *
 * x86-64: system calls without libc. Freestanding.
 */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H

/* Returns the kernel's result: a value, or -errno. */
static inline long arch_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define ARCH_SYSCALL_6(n, a, b, c, d, e, f, ...) \
	arch_syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* sys(number, up to six arguments of any integer or pointer type) */
#define sys(...) ARCH_SYSCALL_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* Failure is -4095 … -1 (arch/x86/include/uapi: IS_ERR_VALUE). */
static inline int sys_failed(long result)
{
	return (unsigned long)result > -4096UL;
}

#endif
