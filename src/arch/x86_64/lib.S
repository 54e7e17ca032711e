/* SPDX-License-Identifier: MIT
 *
 * x86-64: the library's assembly.
 */
#include <asm/unistd.h>

	.text
	.globl arch_restorer
	.hidden arch_restorer
	.type arch_restorer, @function
arch_restorer:
	mov	$__NR_rt_sigreturn, %eax
	syscall
	hlt
	.size arch_restorer, . - arch_restorer

	/* arch_call_on_stack(top, fn, argc, argv, envp) */
	.globl arch_call_on_stack
	.hidden arch_call_on_stack
	.type arch_call_on_stack, @function
arch_call_on_stack:
	.cfi_startproc
	.cfi_undefined rip
	mov	%rdi, %rsp
	and	$-16, %rsp
	xor	%ebp, %ebp
	mov	%rsi, %rax
	mov	%edx, %edi
	mov	%rcx, %rsi
	mov	%r8, %rdx
	call	*%rax
	mov	%eax, %edi
	call	exit@PLT
	hlt
	.cfi_endproc
	.size arch_call_on_stack, . - arch_call_on_stack

	.section .note.GNU-stack, "", @progbits
