/* SPDX-License-Identifier: MIT
 *
 * x86-64, in the restarter: changes stacks, starts threads, and leaves by a frame.
 */
#include <asm/unistd.h>

#include "offsets.h"

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

	/* arch_start_thread(request): makes a thread that executes run(argument) on its stack. */
	.globl arch_start_thread
	.hidden arch_start_thread
	.type arch_start_thread, @function
arch_start_thread:
	push	%r12
	mov	%rdi, %r12
	mov	THREAD_CLONE_ARGS(%r12), %rdi
	mov	$CLONE_ARGS_LENGTH, %esi
	mov	$__NR_clone3, %eax
	test	%rdi, %rdi
	jnz	2f
	mov	THREAD_FLAGS(%r12), %rdi
	mov	THREAD_STACK(%r12), %rsi
	mov	THREAD_STORE_TID(%r12), %rdx	/* the kernel stores the TID there, */
	mov	THREAD_CLEAR_TID(%r12), %r10	/* and clears this word at the end */
	mov	THREAD_POINTER(%r12), %r8
	mov	$__NR_clone, %eax
2:	syscall
	test	%rax, %rax
	jz	1f
	pop	%r12
	ret
1:	xor	%ebp, %ebp
	mov	THREAD_ARGUMENT(%r12), %rdi
	call	*THREAD_RUN(%r12)
	hlt
	.size arch_start_thread, . - arch_start_thread

	.globl arch_leave
	.hidden arch_leave
	.type arch_leave, @function
arch_leave:
	mov	%rdi, %rsp
	RT_SIGRETURN
	.size arch_leave, . - arch_leave

	.section .note.GNU-stack, "", @progbits
