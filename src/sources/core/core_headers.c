/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the headers of a core file: its kind, its notes, its segments of memory.
 *
 * libelf reads them, not libbfd. libbfd makes a section of each note it knows and of each
 * segment, and leaves out facts that undump needs: the part of a segment that is not in the file, and
 * blocked and pending signals (of NT_PRSTATUS it returns only the registers). From damaged files
 * it returns what is left, whereas undump must report what is missing. libelf handles more than
 * 65534 segments (PN_XNUM), and no more is needed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch_machine.h"
#include "sources/core/core.h"
#include "base/io.h"
#include "base/xalloc.h"
#include "elf/flags.h"

/* A thread has 3 to 12 KB of notes, and no process has as many threads as fill this. */
#define NOTES_MAX (UINT64_C(1) << 30)

struct segments {
	struct core_segment *list;
	size_t count, room;
};

static int fail_headers(const struct core *core, const char *what)
{
	report_error(core->report, FORMAT, "the file %s", what);
	return -1;
}

/* Checks the first bytes alone, because libelf does not open all files that get these
 * messages. */
static int check_ident(const struct core *core)
{
	unsigned char ident[EI_NIDENT];

	if (io_read_at(core->fd, ident, sizeof(ident), 0)
	    || memcmp(ident, ELFMAG, SELFMAG))
		return fail_headers(core, "is not a core file");
	if (ident[EI_CLASS] == ARCH_ELF_CLASS && ident[EI_DATA] == ARCH_ELF_DATA)
		return 0;
	report_error(core->report, MACHINE, "the core is of a program that is not for this "
		     "machine, " ARCH_NAME);
	return -1;
}

static int check_header(const struct core *core, Elf *elf)
{
	GElf_Ehdr header;

	if (!elf || !gelf_getehdr(elf, &header))
		return fail_headers(core, "is truncated: its header is incomplete");
	if (header.e_type != ET_CORE)
		return fail_headers(core, "is not a core file, but a program or library");
	if (header.e_machine == ARCH_MACHINE)
		return 0;
	report_error(core->report, MACHINE,
		     "the core is of a program for another machine (%u), this is " ARCH_NAME,
		     header.e_machine);
	return -1;
}

/* Checks that the file contains all bytes that the segment claims. */
static int check_length(const struct core *core, const GElf_Phdr *header)
{
	uint64_t end;

	if (__builtin_add_overflow(header->p_offset, header->p_filesz, &end)
	    || end > INT64_MAX)
		return fail_headers(core, "is damaged: a segment ends beyond the largest file");
	if (end <= core->size)
		return 0;
	report_error(core->report, FORMAT,
		     "%s is truncated: it has %llu bytes, and a segment ends at %llu",
		     core->name, (unsigned long long)core->size, (unsigned long long)end);
	return -1;
}

static int read_notes(struct core *core, const GElf_Phdr *header)
{
	void *bytes;
	int r = -1;

	if (header->p_filesz > NOTES_MAX)
		return fail_headers(core, "is damaged: it has more than a gigabyte of notes");
	bytes = xmalloc(header->p_filesz);
	if (io_read_at(core->fd, bytes, header->p_filesz, header->p_offset))
		report_errno(core->report, READ, "cannot read the notes of the core");
	else
		r = core_notes_read(&core->notes, bytes, header->p_filesz, core->report);
	free(bytes);
	return r;
}

static int add_segment(const struct core *core, const GElf_Phdr *header,
		       struct segments *segments)
{
	uint64_t unit = core->capture.image->page_size, end;

	if (!header->p_memsz)
		return 0;
	if (__builtin_add_overflow(header->p_vaddr, header->p_memsz, &end)
	    || header->p_vaddr % unit || end % unit || header->p_filesz > header->p_memsz)
		return fail_headers(core, "is damaged: a segment has an impossible address or length");
	xgrow(segments->list, segments->count, segments->room);
	segments->list[segments->count++] = (struct core_segment){
		.range = { header->p_vaddr, end },
		.prot = elf_prot_of(header->p_flags),
		.offset = header->p_offset,
		.length = header->p_filesz,
	};
	return 0;
}

static int compare_segments(const void *a, const void *b)
{
	const struct core_segment *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

static int check_segments(const struct core *core, struct segments *segments)
{
	if (!segments->count)
		return fail_headers(core, "contains no memory");
	qsort(segments->list, segments->count, sizeof(*segments->list), compare_segments);
	for (size_t i = 1; i < segments->count; i++)
		if (segments->list[i].range.start < segments->list[i - 1].range.end)
			return fail_headers(core, "is damaged: segments overlap");
	return 0;
}

static int read_core_segments(struct core *core, Elf *elf, struct segments *segments)
{
	static const char incomplete[] = "is truncated: its program headers are incomplete";
	GElf_Phdr header;
	size_t count;

	if (elf_getphdrnum(elf, &count) || !count)
		return fail_headers(core, incomplete);
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &header))
			return fail_headers(core, incomplete);
		if (header.p_type != PT_NOTE && header.p_type != PT_LOAD)
			continue;
		if (check_length(core, &header)
		    || (header.p_type == PT_NOTE ? read_notes(core, &header)
						 : add_segment(core, &header, segments)))
			return -1;
	}
	return check_segments(core, segments);
}

int core_read_headers(struct core *core, struct core_segment **ret_segments,
		      size_t *ret_count)
{
	struct segments segments = { 0 };
	Elf *elf;
	int r = -1;

	if (check_ident(core))
		return -1;
	elf_version(EV_CURRENT);
	elf = elf_begin(core->fd, ELF_C_READ, NULL);
	if (!check_header(core, elf)
	    && !read_core_segments(core, elf, &segments))
		r = core_notes_finish(&core->notes, core->report);
	elf_end(elf);
	if (r) {
		free(segments.list);
		return -1;
	}
	*ret_segments = segments.list;
	*ret_count = segments.count;
	return 0;
}
