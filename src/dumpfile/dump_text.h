/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the text of the image, and other sections, from a dump.
 */
#ifndef DUMPFILE_DUMP_TEXT_H
#define DUMPFILE_DUMP_TEXT_H

#include <stddef.h>

#include "shared/plan.h"

struct Elf; /* libelf's */

#define DUMP_TEXT_SECTION ".unexec.image"
#define DUMP_CODE_SECTION ".unexec" /* the restarter's code and plan */

/* Return a copy of a section (dump_text_read: of the one with the text), *ret_length bytes,
 * which the caller frees. NULL if the file lacks it or is damaged. */
void *dump_section_read(struct Elf *elf, const char *name, size_t *ret_length);
char *dump_text_read(struct Elf *elf, size_t *ret_length);

/* Returns a copy of the plan, whose runs to prefault lie in it, to be freed. NULL: another version
 * of unexec has made the dump. */
struct plan *dump_plan_read(struct Elf *elf);

#endif
