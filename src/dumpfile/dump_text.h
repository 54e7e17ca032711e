/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text of the image in a file that is a dump.
 */
#ifndef DUMPFILE_DUMP_TEXT_H
#define DUMPFILE_DUMP_TEXT_H

#include <stddef.h>

struct Elf; /* libelf's */

#define DUMP_TEXT_SECTION ".unexec.image"

/* A copy of a section, of that with the text, *ret_length bytes, to be freed; NULL if the file
 * has none or is damaged. */
void *dump_section_read(struct Elf *elf, const char *name, size_t *ret_length);
char *dump_text_read(struct Elf *elf, size_t *ret_length);

#endif
