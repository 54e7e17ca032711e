/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the text of the image, and other sections, from a dump.
 */
#ifndef DUMPFILE_DUMP_TEXT_H
#define DUMPFILE_DUMP_TEXT_H

#include <stddef.h>

struct Elf; /* libelf's */

#define DUMP_TEXT_SECTION ".unexec.image"

/* Return a copy of a section (dump_text_read: of the one with the text), *ret_length bytes,
 * which the caller frees. NULL if the file lacks it or is damaged. */
void *dump_section_read(struct Elf *elf, const char *name, size_t *ret_length);
char *dump_text_read(struct Elf *elf, size_t *ret_length);

#endif
