/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the starts of instructions in code.
 */
#ifndef ELF_INSTRUCTIONS_H
#define ELF_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns whether an instruction begins at offset `at`, given that one begins at offset `from`.
 * Returns false if bytes between them are no instruction. */
bool elf_instructions_reach(const unsigned char *code, size_t length, size_t from, size_t at);

/* The same without a known start. Decoding from any byte soon falls into step with the
 * instructions; data soon decodes to instructions that no compiler makes. The result is good
 * enough for a message, not for a change of the code. */
bool elf_instructions_likely(const unsigned char *code, size_t length, size_t at);

#endif
