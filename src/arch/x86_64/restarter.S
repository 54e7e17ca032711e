/* SPDX-License-Identifier: MIT
 *
 * x86-64: the first and the last instructions of the restarter.
 */
#include <asm/unistd.h>

	.section .text.start, "ax"
	.globl restarter_start
	.hidden restarter_start
	.type restarter_start, @function
restarter_start:
	/* The kernel's stack: argc, argv, envp, auxv. Everything else is zero. */
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	restarter_main
	hlt
	.size restarter_start, . - restarter_start

	.text
	.globl arch_switch_stack
	.hidden arch_switch_stack
	.type arch_switch_stack, @function
arch_switch_stack:
	mov	%rdi, %rsp
	mov	%rdx, %rdi
	call	*%rsi
	hlt
	.size arch_switch_stack, . - arch_switch_stack

	/* arch_start_thread(request): a thread that begins with run(argument) on its stack. */
	.globl arch_start_thread
	.hidden arch_start_thread
	.type arch_start_thread, @function
arch_start_thread:
	push	%r12
	mov	%rdi, %r12
	mov	0(%r12), %rdi		/* flags */
	mov	8(%r12), %rsi		/* stack */
	mov	16(%r12), %rdx		/* where the kernel stores the TID */
	mov	24(%r12), %r10		/* what it clears at the end */
	mov	32(%r12), %r8		/* fs base */
	mov	$__NR_clone, %eax
	syscall
	test	%rax, %rax
	jz	1f
	pop	%r12
	ret
1:	xor	%ebp, %ebp
	mov	48(%r12), %rdi
	call	*40(%r12)
	hlt
	.size arch_start_thread, . - arch_start_thread

	.globl arch_leave
	.hidden arch_leave
	.type arch_leave, @function
arch_leave:
	mov	%rdi, %rsp
	mov	$__NR_rt_sigreturn, %eax
	syscall
	hlt
	.size arch_leave, . - arch_leave

	.section .note.GNU-stack, "", @progbits
