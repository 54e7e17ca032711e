/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An ELF file that the process has mapped, and where.
 */
#ifndef ELF_MAPPED_FILE_H
#define ELF_MAPPED_FILE_H

#include "capture/capture.h"

struct Elf; /* libelf's */

struct mapped_file {
	int fd;
	struct Elf *elf;
	uint64_t bias; /* to be added to the file's addresses */
};

enum mapped_file_status {
	MAPPED_FILE_OPEN,
	MAPPED_FILE_GONE,     /* cannot be opened; errno says why */
	MAPPED_FILE_FOREIGN,  /* no ELF file for the image's machine, or not where it is mapped */
	MAPPED_FILE_REPLACED, /* its notes (build ID, …) are not those in memory */
};

/* Opens the file of that name; to be closed only if it is MAPPED_FILE_OPEN then. */
enum mapped_file_status mapped_file_open(struct mapped_file *file, struct capture *capture,
					 const char *path);
void mapped_file_close(struct mapped_file *file);

#endif
