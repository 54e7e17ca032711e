/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files that a process had mapped. Bytes that a core lacks come from these files if they
 * are unchanged. The build-id shows that: it is in a file's first page, which the kernel saves
 * by the default coredump_filter. A file without a build-id is compared by that page; for a
 * file that is not ELF, there are only length and time.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch_machine.h"
#include "sources/core/core.h"
#include "base/io.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "elf/flags.h"
#include "elf/notes.h"

#define NOTES_MAX 4096
#define HEADERS_MAX 64
#define FIRST_BYTES 4096

/* The start of an ELF file, in the core's memory or on disk. */
struct source {
	struct core *core;
	uint64_t base; /* in memory */
	int fd;        /* on disk; -1: in memory */
};

static bool read_source(const struct source *source, uint64_t offset, void *buffer,
			size_t length)
{
	if (source->fd < 0)
		return !core_read_saved(source->core, source->base + offset, buffer, length);
	return offset <= INT64_MAX
	       && !io_read_at(source->fd, buffer, length, offset);
}

/* Reads the program headers. Returns their number; 0 if it is no ELF file. */
static size_t read_source_segments(const struct source *source,
				   ARCH_ELF(Phdr) headers[HEADERS_MAX])
{
	ARCH_ELF(Ehdr) header;

	if (!read_source(source, 0, &header, sizeof(header))
	    || memcmp(header.e_ident, ELFMAG, SELFMAG)
	    || header.e_phentsize != sizeof(*headers) || header.e_phnum > HEADERS_MAX
	    || !read_source(source, header.e_phoff, headers,
			    header.e_phnum * sizeof(*headers)))
		return 0;
	return header.e_phnum;
}

/* ---- Build-id -------------------------------------------------------------------------- */

static struct elf_build_id read_file_build_id(const struct source *source)
{
	ARCH_ELF(Phdr) headers[HEADERS_MAX];
	size_t count = read_source_segments(source, headers);
	unsigned char notes[NOTES_MAX];
	struct elf_build_id build = { 0 };

	for (size_t i = 0; i < count; i++)
		if (headers[i].p_type == PT_NOTE && headers[i].p_filesz <= NOTES_MAX
		    && read_source(source, headers[i].p_offset, notes, headers[i].p_filesz)
		    && elf_build_id_find(notes, headers[i].p_filesz, &build))
			break;
	return build;
}

static const char *print_build(const struct elf_build_id *build,
			       char text[2 * ELF_BUILD_ID_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";

	if (!build->size)
		return "none";
	for (size_t i = 0; i < build->size; i++) {
		text[2 * i] = digits[build->bytes[i] >> 4];
		text[2 * i + 1] = digits[build->bytes[i] & 15];
	}
	text[2 * build->size] = 0;
	return text;
}

/* ---- Comparison ------------------------------------------------------------------------ */

enum verdict { SAME, OTHER, UNKNOWN };

static enum verdict compare_first_bytes(const struct source *saved, const struct source *found)
{
	unsigned char a[FIRST_BYTES], b[FIRST_BYTES];
	size_t length = sizeof(a);
	struct stat status;

	if (fstat(found->fd, &status))
		return UNKNOWN;
	if ((uint64_t)status.st_size < length)
		length = (size_t)status.st_size;
	if (!read_source(saved, 0, a, length) || memcmp(a, ELFMAG, SELFMAG))
		return UNKNOWN;
	return read_source(found, 0, b, length) && !memcmp(a, b, length) ? SAME : OTHER;
}

static void report_other_file(struct core *core, const struct core_file *file,
			      const struct elf_build_id *expected,
			      const struct elf_build_id *found)
{
	char a[2 * ELF_BUILD_ID_MAX + 1], b[2 * ELF_BUILD_ID_MAX + 1];

	if (file->is_program)
		report_add(core->report, UNEXEC_ERROR, UNEXEC_CODE_CORE_FILE, 0, file->first, 0,
			   "the core is not of the program %s: expected build-id %s, found %s",
			   file->path, print_build(expected, a), print_build(found, b));
	else
		report_add(core->report, UNEXEC_ERROR, UNEXEC_CODE_CORE_FILE, 0, file->first, 0,
			   "%s is not the file that was mapped at %#lx: expected build-id %s, "
			   "found %s", file->path, (unsigned long)file->first,
			   print_build(expected, a), print_build(found, b));
}

static enum verdict check_file(struct core *core, const struct core_file *file)
{
	const struct source saved = { core, file->base, -1 }, found = { core, 0, file->fd };
	struct elf_build_id expected = { 0 }, is;
	enum verdict verdict = UNKNOWN;

	if (file->base == UINT64_MAX)
		return UNKNOWN;
	expected = read_file_build_id(&saved);
	is = read_file_build_id(&found);
	if (expected.size)
		verdict = expected.size == is.size
				  && !memcmp(expected.bytes, is.bytes, is.size) ? SAME : OTHER;
	else
		verdict = compare_first_bytes(&saved, &found);
	if (verdict == OTHER)
		report_other_file(core, file, &expected, &is);
	return verdict;
}

/* ---- Opening --------------------------------------------------------------------------- */

static int fail_to_open(struct core *core, const struct core_file *file, const char *why)
{
	report_add(core->report, UNEXEC_ERROR, UNEXEC_CODE_CORE_FILE, 0, file->first, 0,
		   "the mapping of %s at %#lx is not in the core, and the file %s",
		   file->path, (unsigned long)file->first, why);
	return -1;
}

/* Returns whether this is a name that the kernel gives to memory without a file. */
static bool is_only_memory(const char *path)
{
	static const char *const names[] = { "/dev/zero", "/SYSV", "/memfd:",
					     "/anon_hugepage" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (path_begins(path, names[i]))
			return true;
	return false;
}

/* Opens regular files only, because opening others may have effects. */
static int open_file(struct core *core, struct core_file *file)
{
	char *path = xasprintf("%.*s", (int)path_length(file->path), file->path);
	struct stat status;
	int r = -1;

	if (path[0] != '/')
		fail_to_open(core, file, "has no name");
	else if (is_only_memory(path))
		report_add(core->report, UNEXEC_ERROR, UNEXEC_CODE_CORE_FILE, 0, file->first, 0,
			   "shared memory at %#lx (%s) is not in the core (see coredump_filter "
			   "in core(5))", (unsigned long)file->first, file->path);
	else if (stat(path, &status))
		fail_to_open(core, file, errno == ENOENT || errno == ENOTDIR
					 ? "is gone" : strerror(errno));
	else if (!S_ISREG(status.st_mode))
		report_add(core->report, UNEXEC_ERROR, UNEXEC_CODE_DEVICE, 0, file->first, 0,
			   "%s, mapped at %#lx, is a device", file->path,
			   (unsigned long)file->first);
	else if ((file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) < 0)
		fail_to_open(core, file, strerror(errno));
	else
		r = 0;
	free(path);
	if (r)
		return -1;
	file->size = (uint64_t)status.st_size;
	file->changed = status.st_mtime > core->time;
	return 0;
}

static void mark_needed(struct core *core)
{
	for (size_t i = 0; i < core->piece_count; i++) {
		const struct core_piece *piece = &core->pieces[i];

		if (piece->file != CORE_NO_FILE
		    && piece->saved_length < range_length(piece->range)
		    && (piece->prot || piece->only_in_notes))
			core->files[piece->file].needed = true;
	}
}

/* The program's file contains its first instruction. */
static struct core_file *find_program_file(const struct core *core)
{
	uint64_t entry = core_auxv(&core->notes, AT_ENTRY);
	const struct core_piece *piece = core_find_piece(core, entry);

	return piece && piece->file != CORE_NO_FILE ? &core->files[piece->file] : NULL;
}

static int name_program(struct core *core, const char *program)
{
	struct core_file *file = find_program_file(core);
	struct image *image = core->capture.image;
	char *path;

	if (!file) {
		/* A dump's first instruction is the restarter's, which is no longer in
		 * memory. */
		report_error(core->report, CORE, core->notes.mapping_count
			     ? "the core is of a program that is a dump itself"
			     : "the core does not list the mapped files (NT_FILE)");
		return -1;
	}
	if (program) {
		path = realpath(program, NULL);
		if (!path) {
			report_errno(core->report, ARGUMENT, "%s", program);
			return -1;
		}
		free(file->path);
		file->path = path;
		file->needed = file->is_program = true;
	}
	free(image->program);
	image->program = xstrdup(file->path);
	return 0;
}

/* ---- Files that cannot be compared ----------------------------------------------------- */

/* Names for one line of a message. */
struct names {
	char *programs, *others; /* or NULL */
};

static void add_name(char **names, const char *name)
{
	char *longer = *names ? xasprintf("%s, %s", *names, name) : xstrdup(name);

	free(*names);
	*names = longer;
}

static void note_unknown(struct core *core, const struct core_file *file, struct names *names)
{
	const struct source found = { core, 0, file->fd };
	ARCH_ELF(Phdr) headers[HEADERS_MAX];

	if (file->changed)
		report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE_FILE, 0, file->first,
			   0, "%s, mapped at %#lx, has changed since the core was written; its "
			   "present content is used", file->path,
			   (unsigned long)file->first);
	else
		add_name(read_source_segments(&found, headers) ? &names->programs
							       : &names->others,
			 file->path);
}

/* Unchanged locales and the like are likely; for libraries that is not enough. */
static void report_unknown_files(struct core *core, struct names *names)
{
	static const char text[] = "used with their present content, since the core does not "
				   "show whether they have changed: %s";

	if (names->programs)
		report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE_FILE, 0, 0, 0, text,
			   names->programs);
	if (names->others)
		report_add(core->report, UNEXEC_NOTE, UNEXEC_CODE_CORE_FILE, 0, 0, 0, text,
			   names->others);
	free(names->programs);
	free(names->others);
}

static int open_needed(struct core *core)
{
	struct names names = { NULL, NULL };
	int r = 0;

	for (size_t i = 0; i < core->file_count; i++) {
		struct core_file *file = &core->files[i];
		enum verdict verdict;

		if (!file->needed)
			continue;
		if (open_file(core, file)) {
			r = -1;
			continue;
		}
		verdict = check_file(core, file);
		if (verdict == OTHER)
			r = -1;
		else if (verdict == UNKNOWN)
			note_unknown(core, file, &names);
	}
	report_unknown_files(core, &names);
	return r;
}

/* Reports files that are now shorter than their mappings. */
static void check_lengths(struct core *core)
{
	uint64_t unit = core->capture.image->page_size;

	for (size_t i = 0; i < core->piece_count; i++) {
		const struct core_piece *piece = &core->pieces[i];
		uint64_t length = range_length(piece->range);
		struct core_file *file;

		if (piece->file == CORE_NO_FILE || piece->saved_length == length)
			continue;
		file = &core->files[piece->file];
		if (file->fd < 0 || file->shorter
		    || piece->file_offset + length <= file->size + unit - 1)
			continue;
		file->shorter = true;
		report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE_FILE, 0,
			   piece->range.start, piece->range.end,
			   "%s is shorter than its mapping at %#lx; the rest is zero",
			   file->path, (unsigned long)piece->range.start);
	}
}

/* ---- Protection of memory without a segment -------------------------------------------- */

/* Takes the protection from the file's own segments. In gdb's cores, all memory that was
 * written to has a segment. */
static uint32_t prot_by_file(struct core *core, const struct core_piece *piece)
{
	const struct core_file *file = &core->files[piece->file];
	const struct source source = { core, 0, file->fd };
	uint64_t unit = core->capture.image->page_size;
	ARCH_ELF(Phdr) headers[HEADERS_MAX];
	size_t count = read_source_segments(&source, headers);
	uint64_t at = piece->range.start - file->base;
	bool first = true;

	if (!count || file->base == UINT64_MAX)
		return PROT_READ;
	for (size_t i = 0; i < count; i++) {
		const ARCH_ELF(Phdr) *header = &headers[i];
		uint64_t start = align_down(header->p_vaddr, unit);

		if (header->p_type != PT_LOAD)
			continue;
		if (first)
			at += start;
		first = false;
		if (at >= start && at < header->p_vaddr + header->p_filesz)
			return elf_prot_of(header->p_flags);
	}
	return PROT_NONE; /* between two segments */
}

static void find_protections(struct core *core)
{
	for (size_t i = 0; i < core->piece_count; i++)
		if (core->pieces[i].only_in_notes)
			core->pieces[i].prot = prot_by_file(core, &core->pieces[i]);
}

int core_open_files(struct core *core, const char *program)
{
	mark_needed(core);
	if (name_program(core, program) || open_needed(core))
		return -1;
	find_protections(core);
	check_lengths(core);
	return 0;
}
