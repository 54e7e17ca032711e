/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens the ELF files that a process has mapped, and finds in the image how far they lie from
 * their own addresses.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/file.h"

#include "base/xalloc.h"

/* Larger notes contain no build-id. */
#define NOTES_MAX UINT64_C(65536)

/* Stores the bias if the region is the start of this segment. The kernel maps whole pages,
 * beginning with the page in which the segment begins. Two small segments may begin in the
 * same page of the file; regions and segments are both sorted, so the first of each belong
 * together. */
static bool bias_from(const struct region *region, const GElf_Phdr *phdr, uint64_t page_size,
		      uint64_t *ret_bias)
{
	uint64_t skew = phdr->p_offset & (page_size - 1);

	if (phdr->p_type != PT_LOAD || region->offset + skew != phdr->p_offset
	    || !(phdr->p_flags & PF_X) != !(region->prot & PROT_EXEC))
		return false;
	*ret_bias = region->range.start + skew - phdr->p_vaddr;
	return true;
}

static bool find_file_bias(Elf *elf, const struct image *image, const char *path,
			   uint64_t *ret_bias)
{
	GElf_Phdr phdr;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (strcmp(region->name, path) != 0)
			continue;
		for (int j = 0; gelf_getphdr(elf, j, &phdr); j++)
			if (bias_from(region, &phdr, image->page_size, ret_bias))
				return true;
	}
	return false;
}

/* Compares the notes in the file with those in memory. Returns false if either cannot be
 * read. */
static bool notes_differ(const struct elf_file *file, struct capture *capture,
			 const GElf_Phdr *phdr)
{
	Elf_Data *in_file;
	void *in_memory;
	bool differ;

	if (phdr->p_type != PT_NOTE || phdr->p_filesz == 0 || phdr->p_filesz > NOTES_MAX)
		return false;
	in_file = elf_getdata_rawchunk(file->elf, (int64_t)phdr->p_offset, phdr->p_filesz,
				       ELF_T_BYTE);
	if (!in_file)
		return false;
	in_memory = xmalloc(in_file->d_size);
	differ = capture_read(capture, phdr->p_vaddr + file->bias, in_memory,
			      in_file->d_size) == 0
		 && memcmp(in_file->d_buf, in_memory, in_file->d_size) != 0;
	free(in_memory);
	return differ;
}

static bool is_replaced(const struct elf_file *file, struct capture *capture)
{
	GElf_Phdr phdr;

	for (int i = 0; gelf_getphdr(file->elf, i, &phdr); i++)
		if (notes_differ(file, capture, &phdr))
			return true;
	return false;
}

enum elf_file_status elf_file_open(struct elf_file *file, struct capture *capture,
				   const char *path)
{
	enum elf_file_status status = ELF_FILE_FOREIGN;
	GElf_Ehdr ehdr;
	struct stat target;

	elf_version(EV_CURRENT);
	file->elf = NULL;
	file->bias = 0;
	/* The name may refer to anything by now; in a core, it may have done so from the start.
	 * Opening a device can have effects. */
	if (stat(path, &target))
		return ELF_FILE_GONE;
	if (!S_ISREG(target.st_mode))
		return ELF_FILE_FOREIGN;
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0)
		return ELF_FILE_GONE;
	file->elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
	if (!file->elf || !gelf_getehdr(file->elf, &ehdr)
	    || ehdr.e_machine != capture->image->machine)
		goto unusable;
	/* ET_EXEC files lie at their own addresses. A dump is such a file, and has moved parts
	 * of itself. */
	if (ehdr.e_type != ET_EXEC
	    && !find_file_bias(file->elf, capture->image, path, &file->bias))
		goto unusable;
	status = ELF_FILE_REPLACED;
	if (is_replaced(file, capture))
		goto unusable;
	return ELF_FILE_OPEN;

unusable:
	elf_file_close(file);
	return status;
}

void elf_file_close(struct elf_file *file)
{
	elf_end(file->elf);
	close(file->fd);
}
