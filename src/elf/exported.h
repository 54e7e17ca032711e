/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the objects in a process export: by the tables in memory, no file is read.
 */
#ifndef ELF_EXPORTED_H
#define ELF_EXPORTED_H

#include "capture/capture.h"

/* The address of the function of that name that the object exports which begins where the
 * region does; 0: it does not, or none does. */
uint64_t elf_exported_by(struct capture *capture, const struct region *region,
			     const char *name);

#endif
