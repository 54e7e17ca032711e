/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text of the image in a file that is a dump.
 */
#ifndef ELF_DUMP_TEXT_H
#define ELF_DUMP_TEXT_H

#include <stddef.h>

struct Elf; /* libelf's */

#define DUMP_TEXT_SECTION ".unexec.image"

/* A copy of the text, *ret_length bytes, to be freed; NULL if the file has none or is
 * damaged. */
char *dump_text_read(struct Elf *elf, size_t *ret_length);

#endif
