/* SPDX-License-Identifier: MIT
 *
 * x86-64: the first instructions of the restarter.
 */
	.section .text.start, "ax"
	.globl restarter_start
	.hidden restarter_start
	.type restarter_start, @function
restarter_start:
	/* The kernel's stack has argc, argv, envp and auxv. All registers are zero. */
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	restarter_main
	hlt
	.size restarter_start, . - restarter_start

	.section .note.GNU-stack, "", @progbits
