/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The code of src/discard as data of the unexec program.
 */
	.section .rodata
	.globl discard_blob_start, discard_blob_end
	.balign 16
discard_blob_start:
	.incbin "discard.bin"
discard_blob_end:

	.section .note.GNU-stack, "", %progbits
