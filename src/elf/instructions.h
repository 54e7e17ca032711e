/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where instructions begin in code.
 */
#ifndef ELF_INSTRUCTIONS_H
#define ELF_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether an instruction begins at offset `at`, if one begins at offset `from`. False also
 * where there are bytes between that are no instruction. */
bool elf_instructions_reach(const unsigned char *code, size_t length, size_t from, size_t at);

/* The same without a known beginning: decoding from any byte soon falls into step with the
 * instructions, and data soon decodes to what no compiler makes. Good enough for a message, not
 * for a change of the code. */
bool elf_instructions_likely(const unsigned char *code, size_t length, size_t at);

#endif
