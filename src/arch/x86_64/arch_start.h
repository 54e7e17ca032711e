/* SPDX-License-Identifier: MIT
 *
 * x86-64: the first instructions of the restarter and of the redirect code. Each is defined by
 * the file whose function it calls. Linker scripts put .text.start first.
 */
#ifndef ARCH_START_H
#define ARCH_START_H

#define ARCH_ENTRY(entry, ...) \
	__asm__(".pushsection .text.start, \"ax\", %progbits\n" \
		".globl " #entry "\n" \
		".hidden " #entry "\n" \
		".type " #entry ", %function\n" \
		#entry ":\n" __VA_ARGS__ \
		".size " #entry ", . - " #entry "\n" \
		".popsection\n")

/* Defines `entry`, which the kernel starts: calls function(stack). The kernel's stack has
 * argc, argv, envp and auxv; all registers are zero. */
#define ARCH_RESTARTER_START(entry, function) \
	ARCH_ENTRY(entry, "xor %ebp, %ebp\n" \
			  "mov %rsp, %rdi\n" \
			  "and $-16, %rsp\n" \
			  "call " #function "\n" \
			  "hlt\n")

/* Defines `entry`, which stubs (arch_make_stub) call in place of a system call: its number
 * is in rax, its arguments are in its registers, the table's address is in rcx. Calls
 * function(table, number, arguments[6]). Like a system call, preserves all registers except
 * rax, rcx and r11. */
#define ARCH_REDIRECT_START(entry, function) \
	ARCH_ENTRY(entry, "endbr64\n" \
			  "pushfq\n" \
			  "push %rbp\n" \
			  "mov %rsp, %rbp\n" \
			  "and $-16, %rsp\n" \
			  /* arguments[6], last one first; the registers are restored from here */ \
			  "push %r9\n" \
			  "push %r8\n" \
			  "push %r10\n" \
			  "push %rdx\n" \
			  "push %rsi\n" \
			  "push %rdi\n" \
			  "mov %rcx, %rdi\n" \
			  "mov %rax, %rsi\n" \
			  "mov %rsp, %rdx\n" \
			  "cld\n" \
			  "call " #function "\n" \
			  "pop %rdi\n" \
			  "pop %rsi\n" \
			  "pop %rdx\n" \
			  "pop %r10\n" \
			  "pop %r8\n" \
			  "pop %r9\n" \
			  "mov %rbp, %rsp\n" \
			  "pop %rbp\n" \
			  "popfq\n" \
			  "ret\n")

#endif
