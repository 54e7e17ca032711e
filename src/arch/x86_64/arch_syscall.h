/* SPDX-License-Identifier: MIT
 *
 * x86-64: system calls without libc. Freestanding.
 */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H

/* A nop of 7 bytes with a constant marks the calls of libunexec, which a dump does not redirect. */
#define ARCH_OWN_CALL "nopl 0x786e7501(%%rax)"
#define ARCH_OWN_CALL_CODE "\x0f\x1f\x80\x01\x75\x6e\x78"
#define ARCH_OWN_CALL_LENGTH 7

/* Returns the kernel's result: a value, or -errno. */
static inline long arch_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall\n\t" ARCH_OWN_CALL
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
