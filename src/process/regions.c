/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures the mappings. The list is that of the original process, since its copy lacks some
 * mappings (MADV_DONTFORK) and no longer shares others. The content is read from the copy.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "process/file_holes.h"
#include "process/pagemap.h"
#include "process/regions.h"
#include "process/shadows.h"
#include "process/smaps.h"

/* A private mapping of a file that is at least this large is searched for holes, and gets a warning
 * if it is read-only: it is copied into the dump. */
#define LARGE_FILE (UINT64_C(32) << 20)

/* Does the kernel map this in every new process? The old vDSO is kept: the vDSO proxy replaces
 * its functions. */
static bool is_kernels_own(const struct process *process, const struct smaps_entry *entry)
{
	if (!strcmp(entry->name, "[vdso]"))
		return entry->range.start != process->handoff.vdso;
	return path_begins(entry->name, "[vvar") || !strcmp(entry->name, "[vsyscall]");
}

/* Records the vDSO's data and code, which are adjacent up to the code that the program
 * knows. */
static void note_vdso(struct process *process, const struct smaps_entry *entry)
{
	struct plan_vdso *vdso = &process->vdso;
	uint64_t end = vdso->start;
	int i = 0;

	for (; i < PLAN_VDSO_PARTS && vdso->length[i]; i++)
		end += vdso->length[i];
	if (entry->range.start != end) { /* the first part, or not adjacent to the last */
		*vdso = (struct plan_vdso){ .start = entry->range.start };
		i = 0;
	}
	if (i == PLAN_VDSO_PARTS)
		return;
	vdso->length[i] = range_length(entry->range);
	if (!strcmp(entry->name, "[vdso]") && entry->range.start == process->handoff.vdso) {
		vdso->address = entry->range.start;
		process->capture.image->vdso = *vdso;
	}
}

static void refuse_mapping(struct process *process, const struct smaps_entry *entry,
			   enum unexec_code code, const char *what)
{
	report_add(process->report, UNEXEC_ERROR, code, 0, entry->range.start,
		   entry->range.end, "%s is mapped at %#lx-%#lx (%s)", what,
		   (unsigned long)entry->range.start, (unsigned long)entry->range.end,
		   *entry->name ? entry->name : "anonymous");
}

static void refuse_secret(struct process *process, const struct smaps_entry *entry)
{
	report_add(process->report, UNEXEC_ERROR, UNEXEC_CODE_MAPPING, 0, entry->range.start,
		   entry->range.end, "secret memory (memfd_secret) is mapped at %#lx-%#lx, and only "
		   "the program can read it: a function of unexec_on_dump can unmap it",
		   (unsigned long)entry->range.start, (unsigned long)entry->range.end);
}

static void warn_mapping(struct process *process, const struct smaps_entry *entry,
			 enum unexec_code code, const char *what)
{
	report_add(process->report, UNEXEC_WARNING, code, 0, entry->range.start,
		   entry->range.end, "%s: %s at %#lx-%#lx", what,
		   *entry->name ? entry->name : "memory", (unsigned long)entry->range.start,
		   (unsigned long)entry->range.end);
}

/* Is it the ring of an io_setup(2) context (struct aio_ring in fs/aio.c)? */
static bool is_aio(const struct smaps_entry *entry)
{
	return path_begins(entry->name, "/[aio]");
}

static bool has_events(struct process *process, const struct smaps_entry *entry)
{
	enum { HEAD = 2, TAIL = 3 };
	uint32_t ring[8] = { 0 };

	return process->capture.read(&process->capture, entry->range.start, ring, sizeof(ring))
	       || ring[HEAD] != ring[TAIL];
}

/* Returns false, with an error in the report, for a mapping that cannot be preserved. */
static bool can_keep(struct process *process, const struct smaps_entry *entry)
{
	if (path_begins(entry->name, "anon_inode:[io_uring]")
	    && objects_find(process, entry->device_number, entry->inode, false))
		return true;
	if (path_begins(entry->name, "anon_inode:[io_uring]"))
		refuse_mapping(process, entry, UNEXEC_CODE_IO_URING, "an io_uring");
	else if (entry->device || path_begins(entry->name, "anon_inode:")
		 || path_begins(entry->name, "socket:")
		 || path_begins(entry->name, "/dev/fuse"))
		refuse_mapping(process, entry, UNEXEC_CODE_DEVICE, "a device");
	else if (path_begins(entry->name, "/dev/") && !path_is_deleted(entry->name)
		 && !path_begins(entry->name, "/dev/shm/")
		 && !path_begins(entry->name, "/dev/zero")
		 && !path_begins(entry->name, "/dev/hugepages/"))
		refuse_mapping(process, entry, UNEXEC_CODE_DEVICE, "a device");
	else if (is_aio(entry) && has_events(process, entry))
		refuse_mapping(process, entry, UNEXEC_CODE_MAPPING,
			       "an asynchronous I/O context with unread events");
	else if (path_begins(entry->name, "/secretmem"))
		refuse_secret(process, entry);
	else if (!strcmp(entry->name, "[uprobes]"))
		refuse_mapping(process, entry, UNEXEC_CODE_MAPPING,
			       "a page of the kernel's tracing");
	else if (entry->shadow_stack)
		refuse_mapping(process, entry, UNEXEC_CODE_MAPPING, "a shadow stack");
	else if (entry->userfault)
		refuse_mapping(process, entry, UNEXEC_CODE_MAPPING,
			       "memory watched by userfaultfd");
	else if (entry->protection_key)
		refuse_mapping(process, entry, UNEXEC_CODE_MAPPING,
			       "memory with a protection key");
	else
		return true;
	return false;
}

/* Did the program tell the kernel not to dump or copy the content? */
static bool is_not_preserved(const struct smaps_entry *entry)
{
	return entry->flags & (REGION_DONTDUMP | REGION_WIPEONFORK) || entry->droppable;
}

/* A shared mapping of a named file is mapped from the file again if the file is open for
 * writing. A mapping that can only be read (such as libc's caches) is copied like a private
 * one. */
static uint32_t sharing(const struct smaps_entry *entry)
{
	if (!entry->shared)
		return 0;
	if (is_aio(entry))
		return REGION_SHARED | REGION_AIO;
	if (path_begins(entry->name, "/") && !path_is_deleted(entry->name))
		return entry->writable_file ? REGION_SHARED | REGION_REOPEN : 0;
	if (path_begins(entry->name, "anon_inode:"))
		return REGION_SHARED;
	return REGION_SHARED | REGION_OBJECT;
}

static bool is_file_mapping(const struct smaps_entry *entry)
{
	return entry->name[0] == '/';
}

/* A start copies a stack page by page. Pages that were touched and are zero, where the stack
 * once was deeper, are left out. */
static void keep_stack_content(struct process *process, struct region *region)
{
	uint32_t page_size = process->capture.image->page_size;
	unsigned char *page = xmalloc(page_size);
	struct region touched = *region;

	region->data = NULL;
	region->data_count = region->data_room = 0;
	for (size_t i = 0; i < touched.data_count; i++) {
		uint64_t at = touched.data[i].start;

		for (; at < touched.data[i].end; at += page_size)
			if (process->capture.read(&process->capture, at, page, page_size)
			    || !bytes_are_zero(page, page_size))
				region_add_data(region, (struct range){ at, at + page_size });
	}
	free(touched.data);
	free(page);
}

/* Droppable memory may become zero at any time. glibc keeps the states of getrandom() there
 * (2.41), which deserves no warning. */
static void warn_not_preserved(struct process *process, const struct smaps_entry *entry)
{
	if (!entry->resident && !entry->shared)
		return;
	if (entry->flags & REGION_WIPEONFORK && !entry->droppable)
		process_warn_zeroed(process, entry->range,
				    *entry->name ? entry->name : "memory");
	else if (!entry->droppable)
		process_note_not_dumped(process, entry->range);
	else
		report_add(process->report, UNEXEC_NOTE, UNEXEC_CODE_NOT_CARRIED, 0,
			   entry->range.start, entry->range.end,
			   "zero in the dump: droppable memory at %#lx-%#lx",
			   (unsigned long)entry->range.start, (unsigned long)entry->range.end);
}

static void add_file_data(const struct process *process, const struct smaps_entry *entry,
			  struct region *region)
{
	if (range_length(entry->range) < LARGE_FILE || entry->huge
	    || file_holes_add_data(process, entry, region))
		region_add_data(region, entry->range);
}

static void add_mapping_data(struct process *process, const struct smaps_entry *entry,
			     struct region *region)
{
	const struct handoff *handoff = &process->handoff;

	if (region->flags & (REGION_REOPEN | REGION_GUARD))
		return;
	if (is_not_preserved(entry)) {
		warn_not_preserved(process, entry);
		return;
	}
	if (is_file_mapping(entry) && !(region->flags & REGION_SHARED)) {
		/* PROT_NONE mappings without pages have nothing to read: they fill the gaps
		 * between a library's segments. In a dump they were content. */
		if (entry->prot || entry->resident
		    || !strcmp(entry->name, process->capture.image->program))
			add_file_data(process, entry, region);
		return;
	}
	if (region->flags & REGION_SHARED)
		return;
	if (!strcmp(entry->name, "[vdso]")) {
		region_add_data(region, entry->range);
		return;
	}
	if (!entry->resident)
		return;
	if (pagemap_add_data(handoff->fds.pagemap, entry->range,
			     process->capture.image->page_size, region))
		report_errno(process->report, READ, "cannot read pagemap in /proc");
	if (region->flags & REGION_GROWSDOWN)
		keep_stack_content(process, region);
}

static void add_mapping(struct process *process, const struct smaps_entry *entry)
{
	uint32_t flags = (entry->flags & ~(uint32_t)REGION_SHARED) | sharing(entry);
	struct region *region;

	/* The kernel seals its own mappings (CONFIG_MSEAL_SYSTEM_MAPPINGS). */
	if (process->handoff.lose & UNEXEC_LOSE_MSEAL || !strcmp(entry->name, "[vdso]"))
		flags &= ~(uint32_t)REGION_SEALED;
	region = image_add_region(process->capture.image, entry->range, entry->prot, flags,
				  entry->offset, entry->name);

	if (flags & REGION_AIO) {
		warn_mapping(process, entry, UNEXEC_CODE_NOT_CARRIED,
			     "requests in flight, if any, are lost");
		return;
	}
	if (flags & REGION_SHARED && !(flags & REGION_REOPEN))
		objects_add_mapping(process, entry, is_not_preserved(entry));
	if (entry->huge)
		warn_mapping(process, entry, UNEXEC_CODE_HUGE_PAGES,
			     "huge pages become ordinary ones");
	if (is_file_mapping(entry) && !(flags & REGION_SHARED) && !(entry->prot & 2)
	    && range_length(entry->range) >= LARGE_FILE && process->capture.image->generation <= 1)
		warn_mapping(process, entry, UNEXEC_CODE_LARGE_FILE, "copied into the dump");
	add_mapping_data(process, entry, region);
}

static void add_mapping_part(struct process *process, const struct smaps_entry *entry,
			     struct range range, uint32_t flag)
{
	struct smaps_entry part = *entry;

	if (range.start == range.end)
		return;
	part.range = range;
	part.flags |= flag;
	if (entry->name[0] == '/' || entry->shared)
		part.offset += range.start - entry->range.start;
	add_mapping(process, &part);
}

/* Guards become regions of their own: they are restored, and their content cannot be read. */
static void add_mapping_parts(struct process *process, const struct smaps_entry *entry)
{
	struct region guards = { 0 };
	uint64_t done = entry->range.start;

	if (pagemap_find_guards(process->handoff.fds.pagemap, entry->range,
				process->capture.image->page_size, &guards))
		report_errno(process->report, READ, "cannot read pagemap in /proc");
	for (size_t i = 0; i < guards.data_count; i++) {
		add_mapping_part(process, entry, (struct range){ done, guards.data[i].start },
				 0);
		add_mapping_part(process, entry, guards.data[i], REGION_GUARD);
		done = guards.data[i].end;
	}
	add_mapping_part(process, entry, (struct range){ done, entry->range.end }, 0);
	free(guards.data);
}

void process_capture_regions(struct process *process)
{
	/* A duplicate: the descriptor itself is read again later (check_alive in
	 * sources/process_capture.c). */
	int descriptor = fcntl(process->handoff.fds.smaps, F_DUPFD_CLOEXEC, 0);
	FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, "r");
	struct smaps_reader reader;
	struct smaps_entry entry;
	int more;

	if (!stream) {
		report_errno(process->report, NO_PROC, "cannot read smaps in /proc");
		return;
	}
	smaps_open(&reader, stream);
	while ((more = smaps_next(&reader, &entry)) > 0) {
		if (path_begins(entry.name, "[vvar") || !strcmp(entry.name, "[vdso]"))
			note_vdso(process, &entry);
		if (!is_kernels_own(process, &entry) && can_keep(process, &entry))
			add_mapping_parts(process, &entry);
	}
	if (more < 0)
		report_errno(process->report, NO_PROC, "cannot parse line %u of smaps in /proc",
			     reader.line_number);
	smaps_close(&reader);
}
