/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The code of src/redirect as data of the unexec program.
 */
	.section .rodata
	.globl redirect_blob_start, redirect_blob_end
	.balign 16
redirect_blob_start:
	.incbin "redirect.bin"
redirect_blob_end:

	.section .note.GNU-stack, "", %progbits
