/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The restarter's code as data of the unexec program.
 */
	.section .rodata
	.globl restarter_blob_start, restarter_blob_end
	.balign 16
restarter_blob_start:
	.incbin "restarter.bin"
restarter_blob_end:

	.section .note.GNU-stack, "", %progbits
