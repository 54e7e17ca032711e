/* SPDX-License-Identifier: MIT
 *
 * x86-64: the library's assembly.
 */
#include <asm/unistd.h>

#include "offsets.h"

	.text
	.globl arch_restorer
	.hidden arch_restorer
	.type arch_restorer, @function
arch_restorer:
	RT_SIGRETURN
	.size arch_restorer, . - arch_restorer

	/* arch_gate(frame, boot): reports that the thread has arrived, waits until the gate is
	 * open, and continues with the frame. Uses no stack: the thread's begins with the frame. */
	.globl arch_gate
	.hidden arch_gate
	.type arch_gate, @function
arch_gate:
	mov	%rdi, %r12
	lea	BOOT_OPEN(%rsi), %r13
	lock incl BOOT_ARRIVED - BOOT_OPEN(%r13)
	lea	BOOT_ARRIVED - BOOT_OPEN(%r13), %rdi
	mov	$WAKE_PRIVATE, %esi
	mov	$1, %edx
	mov	$__NR_futex, %eax
	syscall
1:	cmpl	$0, (%r13)
	jne	2f
	mov	%r13, %rdi
	mov	$WAIT_PRIVATE, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
	mov	$__NR_futex, %eax
	syscall
	jmp	1b
2:	mov	%r12, %rsp
	RT_SIGRETURN
	.size arch_gate, . - arch_gate

	/* arch_initialise_vectors(area): sets all vector registers to their initial state (SSE,
	 * AVX, AVX-512: SDM 1, 13.8); MXCSR and x87 stay. The area has ARCH_VECTORS_AREA zeros, at
	 * a multiple of 64. */
	.globl arch_initialise_vectors
	.hidden arch_initialise_vectors
	.type arch_initialise_vectors, @function
arch_initialise_vectors:
	stmxcsr	24(%rdi)
	mov	$0xe6, %eax
	xor	%edx, %edx
	xrstor64 (%rdi)
	ret
	.size arch_initialise_vectors, . - arch_initialise_vectors

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
