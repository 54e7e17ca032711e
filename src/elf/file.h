/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An ELF file that the process has mapped, and where.
 */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include "capture/capture.h"

struct Elf; /* libelf's */

struct elf_file {
	int fd;
	struct Elf *elf;
	uint64_t bias; /* to be added to the file's addresses */
};

enum elf_file_status {
	ELF_FILE_OPEN,
	ELF_FILE_GONE,     /* cannot be opened; errno says why */
	ELF_FILE_FOREIGN,  /* no ELF file for the image's machine, or not where it is mapped */
	ELF_FILE_REPLACED, /* its notes (build ID, …) are not those in memory */
};

/* Opens the file of that name; to be closed only if it is ELF_FILE_OPEN then. */
enum elf_file_status elf_file_open(struct elf_file *file, struct capture *capture,
					 const char *path);
void elf_file_close(struct elf_file *file);

#endif
