/* SPDX-License-Identifier: MIT
 *
 * x86-64: where calls of madvise() come in (arch_discard_caller): in place of a system call,
 * whose arguments are in the registers. Like that it keeps all but rax, rcx and r11.
 */
	.section .text.start, "ax", %progbits
	.globl discard_start
discard_start:
	push	%rdi
	push	%rsi
	push	%rdx
	push	%r8
	push	%r9
	push	%r10
	push	%rbp
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	discard
	mov	%rbp, %rsp
	pop	%rbp
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdx
	pop	%rsi
	pop	%rdi
	ret

	.section .note.GNU-stack, "", %progbits
