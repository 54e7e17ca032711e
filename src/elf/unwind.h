/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unwinds the stacks of the image's threads by the unwind information (.eh_frame) of the mapped
 * files. The walk ends at a frame without such information; nothing is guessed.
 */
#ifndef ELF_UNWIND_H
#define ELF_UNWIND_H

#include <stdbool.h>

#include "arch_frame.h"
#include "capture/capture.h"

/* A frame: its registers, by DWARF number, at the instruction `counter`. */
struct elf_unwind_frame {
	uint64_t counter;
	uint64_t cfa;            /* the canonical frame address; 0: unknown */
	struct range function;   /* by the file's table; empty: unknown */
	const char *file;        /* in which the code is */
	struct elf_unwind_file *module;
	bool is_exact;           /* `counter` is no return address */
	uint64_t values[ARCH_DWARF_REGISTERS];
	uint64_t where[ARCH_DWARF_REGISTERS]; /* address of a word that holds it, or 0 */
	bool known[ARCH_DWARF_REGISTERS];
};

struct elf_unwind;
struct elf_unwind *elf_unwind_new(struct capture *capture);
void elf_unwind_free(struct elf_unwind *unwind);

/* Calls visit(context, frame) for each frame of the thread, the innermost first. Stops when
 * visit returns false, or at a frame that cannot be unwound. */
void elf_unwind_thread(struct elf_unwind *unwind, const struct plan_thread *thread,
		       bool (*visit)(void *context, const struct elf_unwind_frame *frame),
		       void *context);

/* Returns the function at the address, which must be in the frame's file. Empty: unknown. */
struct range elf_unwind_function_at(const struct elf_unwind_frame *frame, uint64_t address);

/* Stores the distance from the stack pointer to the canonical frame address when the frame's
 * function is at `counter`. Returns false if the rule there is not such a distance. */
bool elf_unwind_stack_depth(const struct elf_unwind_frame *frame, uint64_t counter,
			    uint64_t *ret_depth);

#endif
