/* SPDX-License-Identifier: MIT
 *
 * x86-64: trampoline(frame, boot). In a dump without the library, each thread comes here from
 * the restarter. The last thread unmaps the memory that only the restarter needed; then all
 * continue with their frames. Uses no stack. If boot has other frames than the thread's own, there
 * is only one thread.
 */
#include <asm/unistd.h>

#include "offsets.h"

/* The dump may remember the ID of a parent of the original process. That ID is at most so far below
 * the original's, and the new process may have it now, when that parent has ended. */
#define BELOW 1024

	.section .rodata
	.globl arch_trampoline_start
	.hidden arch_trampoline_start
	.globl arch_trampoline_end
	.hidden arch_trampoline_end
arch_trampoline_start:
	mov	%rdi, %r12
	mov	%rsi, %r13
	mov	$1, %ebx
	lock xadd %ebx, BOOT_ARRIVED(%r13)
	inc	%ebx
	cmp	BOOT_EXPECTED(%r13), %ebx
	jne	1f
	mov	BOOT_LOW_START(%r13), %rdi
	mov	BOOT_LOW_END(%r13), %rsi
	sub	%rdi, %rsi
	mov	$__NR_munmap, %eax
	syscall
	movl	$1, BOOT_OPEN(%r13)
	cmp	$1, %ebx
	je	3f
	lea	BOOT_OPEN(%r13), %rdi
	mov	$WAKE_PRIVATE, %esi
	mov	$0x7fffffff, %edx
	mov	$__NR_futex, %eax
	syscall
	jmp	3f
1:	lea	BOOT_OPEN(%r13), %rdi
	mov	$WAIT_PRIVATE, %esi
	xor	%edx, %edx
	xor	%r10d, %r10d
2:	cmpl	$0, BOOT_OPEN(%r13)
	jne	3f
	mov	$__NR_futex, %eax
	syscall
	jmp	2b
3:	mov	BOOT_ALWAYS(%r13), %rax
	test	%rax, %rax
	cmovnz	%rax, %r12
	mov	BOOT_FIRST(%r13), %rbx
	test	%rbx, %rbx
	jz	5f
	mov	$__NR_getpid, %eax
	syscall
	cmp	$1, %eax
	je	4f
	mov	BOOT_FIRST_PID(%r13), %ecx
	sub	%eax, %ecx
	cmp	$BELOW, %ecx
	jae	5f
4:	mov	%rbx, %r12
5:	mov	%r12, %rsp
	/* The function that arch_frame_call calls returns here, with the next frame at %rsp. */
	.globl arch_trampoline_return
	.hidden arch_trampoline_return
arch_trampoline_return:
	RT_SIGRETURN
arch_trampoline_end:

	.section .note.GNU-stack, "", @progbits
