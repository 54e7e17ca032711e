/* SPDX-License-Identifier: MIT
 *
 * x86-64: the entry of the code that stays in a dump, which stubs (arch_make_stub) call in
 * place of a system call: with its number in rax, its arguments in their registers, and the
 * table's address in rcx. Like a system call it preserves all registers except rax, rcx and r11.
 */
	.section .text.start, "ax", %progbits
	.globl redirect_start
redirect_start:
	endbr64
	pushfq
	push	%rbp
	mov	%rsp, %rbp
	and	$-16, %rsp
	/* arguments[6], last one first; the registers are restored from here */
	push	%r9
	push	%r8
	push	%r10
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%rcx, %rdi
	mov	%rax, %rsi
	mov	%rsp, %rdx
	cld
	call	redirect
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%r10
	pop	%r8
	pop	%r9
	mov	%rbp, %rsp
	pop	%rbp
	popfq
	ret

	.section .note.GNU-stack, "", %progbits
