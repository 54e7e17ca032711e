/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Removes a debugger's breakpoints from code. A debugger stops a program by writing into its
 * code, also into ld.so's, where the program waits for libraries to be loaded. Without the
 * debugger, the program would die there. If code of a file differs from the file only by
 * breakpoints, the file's bytes go into the dump.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch_code.h"
#include "base/io.h"
#include "base/xalloc.h"
#include "process/pagemap.h"
#include "process/regions.h"

/* Do the bytes differ, and only by breakpoints? */
static bool is_breakpoints(const unsigned char *memory, const unsigned char *file,
			   size_t length)
{
	bool differ = false;

	for (size_t i = 0; i < length; i += ARCH_BREAKPOINT_LENGTH) {
		if (!memcmp(memory + i, file + i, ARCH_BREAKPOINT_LENGTH))
			continue;
		if (memcmp(memory + i, ARCH_BREAKPOINT_CODE, ARCH_BREAKPOINT_LENGTH) != 0)
			return false;
		differ = true;
	}
	return differ;
}

static void remove_from_page(struct process *process, uint64_t address,
			     const unsigned char *memory, const unsigned char *file)
{
	uint32_t page_size = process->capture.image->page_size;

	if (!is_breakpoints(memory, file, page_size))
		return;
	for (uint32_t i = 0; i < page_size; i += ARCH_BREAKPOINT_LENGTH) {
		if (!memcmp(memory + i, file + i, ARCH_BREAKPOINT_LENGTH))
			continue;
		image_add_patch(process->capture.image, address + i, file + i,
				ARCH_BREAKPOINT_LENGTH);
		report_add(process->report, UNEXEC_NOTE, UNEXEC_CODE_BREAKPOINT, 0,
			   address + i, address + i + ARCH_BREAKPOINT_LENGTH,
			   "a debugger's breakpoint at %#lx is left out",
			   (unsigned long)(address + i));
	}
}

static void remove_from_region(struct process *process, struct range range, uint64_t offset,
			       const char *name)
{
	uint32_t page_size = process->capture.image->page_size;
	unsigned char *memory = NULL, *file = NULL;
	int descriptor = -1;

	for (uint64_t at = range.start;; at += page_size) {
		at = pagemap_next_own(process->handoff.fds.pagemap,
				      (struct range){ at, range.end }, page_size);
		if (at == range.end)
			break;
		if (descriptor < 0) {
			descriptor = open(name, O_RDONLY | O_CLOEXEC);
			if (descriptor < 0)
				return; /* it is deleted: nothing to compare with */
			memory = xcalloc(2, page_size);
			file = memory + page_size;
		}
		if (io_read_at(descriptor, file, page_size, offset + (at - range.start))
		    || process->capture.read(&process->capture, at, memory, page_size))
			break;
		remove_from_page(process, at, memory, file);
	}
	free(memory);
	if (descriptor >= 0)
		close(descriptor);
}

void process_remove_breakpoints(struct process *process)
{
	const struct image *image = process->capture.image;

	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if ((region->prot & PROT_EXEC) && !(region->prot & PROT_WRITE)
		    && !(region->flags & REGION_SHARED) && region->name[0] == '/')
			remove_from_region(process, region->range, region->offset,
					   region->name);
	}
}
