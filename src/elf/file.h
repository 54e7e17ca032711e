/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An ELF file that the process has mapped, and its place in memory.
 */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include "capture/capture.h"

struct Elf; /* libelf's */

struct elf_file {
	int fd;
	struct Elf *elf;
	uint64_t bias; /* address in memory minus address in the file */
};

enum elf_file_status {
	ELF_FILE_OPEN,
	ELF_FILE_GONE,     /* cannot be opened; sets errno */
	ELF_FILE_FOREIGN,  /* not an ELF file of the machine, or not mapped by its headers */
	ELF_FILE_REPLACED, /* its notes (build-id, …) differ from those in memory */
};

/* Opens the file of that name. The caller closes it only if this returns ELF_FILE_OPEN. */
enum elf_file_status elf_file_open(struct elf_file *file, struct capture *capture,
					 const char *path);
void elf_file_close(struct elf_file *file);

#endif
