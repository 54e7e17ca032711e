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
