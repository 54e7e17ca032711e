/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unwinds the stacks of the image's threads by the unwind information of the files that are
 * mapped (.eh_frame). A frame that has none ends the walk: nothing is guessed.
 */
#ifndef ELF_UNWIND_H
#define ELF_UNWIND_H

#include <stdbool.h>

#include "arch_frame.h"
#include "capture/capture.h"

/* A frame: its registers by their DWARF numbers, as they are at `counter`. */
struct elf_unwind_frame {
	uint64_t counter;
	uint64_t cfa;            /* the canonical frame address; 0: unknown */
	struct range function;   /* as far as the file tells; empty: it does not */
	const char *file;        /* that it comes from */
	struct elf_unwind_file *module;
	bool is_exact;           /* `counter` is no return address */
	uint64_t values[ARCH_DWARF_REGISTERS];
	uint64_t where[ARCH_DWARF_REGISTERS]; /* the address of a word that holds it, or 0 */
	bool known[ARCH_DWARF_REGISTERS];
};

struct elf_unwind;
struct elf_unwind *elf_unwind_new(struct capture *capture);
void elf_unwind_free(struct elf_unwind *unwind);

/* Calls visit(context, frame) for each frame of the thread from the innermost on, until one
 * returns false or cannot be unwound. */
void elf_unwind_thread(struct elf_unwind *unwind, const struct plan_thread *thread,
		       bool (*visit)(void *context, const struct elf_unwind_frame *frame),
		       void *context);

/* The function at the address, in the frame's file; empty: not known. */
struct range elf_unwind_function_at(const struct elf_unwind_frame *frame, uint64_t address);

/* How far the canonical frame address is from the stack pointer while the frame's function is at
 * `counter`. False: it is not that simple there. */
bool elf_unwind_stack_depth(const struct elf_unwind_frame *frame, uint64_t counter,
			    uint64_t *ret_depth);

#endif
