/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the notes of a core file (fs/binfmt_elf.c, gdb's linux-tdep.c), whose bytes may be
 * anything.
 *
 * A note is three words (length of the owner's name, length of the content, type), the name, the
 * content, each padded to a multiple of four. The notes of a thread follow its NT_PRSTATUS.
 */
#include <elf.h>
#include <gelf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>

#include "arch_registers.h"
#include "arch_vectors.h"
#include "sources/core/core.h"
#include "base/xalloc.h"
#include "elf/notes.h"


static int fail_notes(struct report *report, const char *what)
{
	report_error(report, FORMAT, "the core is damaged: %s", what);
	return -1;
}

/* ---- Each kind ------------------------------------------------------------------------- */

static int take_status(struct core_notes *notes, const struct elf_note *note,
		       struct report *report)
{
	struct elf_prstatus status;
	struct core_thread *thread;

	_Static_assert(sizeof(status.pr_reg) == sizeof(struct arch_registers), "pr_reg");
	if (note->size != sizeof(status))
		return fail_notes(report, "a thread's status (NT_PRSTATUS) has a wrong size");
	memcpy(&status, note->content, sizeof(status));
	xgrow(notes->threads, notes->thread_count, notes->thread_room);
	thread = &notes->threads[notes->thread_count++];
	*thread = (struct core_thread){
		.tid = (uint32_t)status.pr_pid,
		.signal = status.pr_cursig > 0 ? (uint32_t)status.pr_cursig : 0,
		/* The kernel itself sends these to end the other threads. */
		.pending = status.pr_sigpend & ~(UINT64_C(1) << (SIGKILL - 1))
			   & ~(UINT64_C(1) << (SIGSTOP - 1)),
		.mask = status.pr_sighold,
		.registers = xmemdup(&status.pr_reg, sizeof(status.pr_reg)),
	};
	/* The kernel records the parent; gdb leaves it and the signals empty. */
	if (!status.pr_ppid && !status.pr_pgrp && !status.pr_sid)
		notes->by_debugger = true;
	return 0;
}

/* The larger note contains all of the smaller. */
static int take_vector(struct core_notes *notes, const struct elf_note *note,
		       struct report *report)
{
	struct core_thread *thread;

	if (!notes->thread_count)
		return fail_notes(report, "registers come before any thread");
	thread = &notes->threads[notes->thread_count - 1];
	if (note->size <= thread->vector_size || note->size < sizeof(elf_fpregset_t))
		return 0;
	free(thread->vector);
	thread->vector = xmemdup(note->content, note->size);
	thread->vector_size = note->size;
	return 0;
}

/* The layout of ARCH_VECTOR_NOTE is the same for all threads. */
static int take_layout(struct core_notes *notes, const struct elf_note *note,
		       struct report *report)
{
	(void)report;
	if (notes->layout)
		return 0;
	notes->layout = xmemdup(note->content, note->size);
	notes->layout_size = note->size;
	return 0;
}

static int take_program(struct core_notes *notes, const struct elf_note *note,
			struct report *report)
{
	struct elf_prpsinfo info;

	if (note->size != sizeof(info))
		return fail_notes(report, "the process's description (NT_PRPSINFO) has a wrong "
				    "size");
	memcpy(&info, note->content, sizeof(info));
	notes->pid = (uint32_t)info.pr_pid;
	memcpy(notes->name, info.pr_fname, sizeof(info.pr_fname));
	notes->name[sizeof(info.pr_fname)] = 0;
	return 0;
}

static int take_signal(struct core_notes *notes, const struct elf_note *note,
		       struct report *report)
{
	siginfo_t info;

	if (note->size != sizeof(info))
		return fail_notes(report, "a signal's description (NT_SIGINFO) has a wrong size");
	if (notes->thread_count > 1)
		return 0;
	memcpy(&info, note->content, sizeof(info));
	notes->signal = info.si_signo > 0 ? (uint32_t)info.si_signo : 0;
	notes->fault = (uintptr_t)info.si_addr;
	return 0;
}

static int take_auxv(struct core_notes *notes, const struct elf_note *note,
		     struct report *report)
{
	if (notes->auxv)
		return fail_notes(report, "it has two auxiliary vectors (NT_AUXV)");
	notes->auxv_count = note->size / (2 * sizeof(uint64_t));
	notes->auxv = xmemdup(note->content, note->size);
	return 0;
}

/* The content of NT_FILE: count, unit of offsets, count times (start, end, offset), count
 * names. */
struct file_reader {
	const unsigned char *words, *names;
	size_t names_size;
	uint64_t count, unit;
};

static bool open_files(struct file_reader *reader, const struct elf_note *note)
{
	size_t head = 2 * sizeof(uint64_t), item = 3 * sizeof(uint64_t);

	if (note->size < head)
		return false;
	memcpy(&reader->count, note->content, sizeof(reader->count));
	memcpy(&reader->unit, note->content + sizeof(uint64_t), sizeof(reader->unit));
	if (reader->count > (note->size - head) / item)
		return false;
	reader->words = note->content + head;
	reader->names = reader->words + reader->count * item;
	reader->names_size = note->size - head - reader->count * item;
	return true;
}

static bool next_file(struct file_reader *reader, struct core_mapping *mapping)
{
	const unsigned char *end = memchr(reader->names, 0, reader->names_size);
	uint64_t words[3];

	if (!end)
		return false;
	memcpy(words, reader->words, sizeof(words));
	reader->words += sizeof(words);
	if (words[0] >= words[1]
	    || __builtin_mul_overflow(words[2], reader->unit, &mapping->offset)
	    || mapping->offset > INT64_MAX - (words[1] - words[0]))
		return false;
	mapping->range = (struct range){ words[0], words[1] };
	mapping->path = (char *)reader->names;
	reader->names_size -= (size_t)(end + 1 - reader->names);
	reader->names = end + 1;
	return true;
}

static int take_files(struct core_notes *notes, const struct elf_note *note,
		      struct report *report)
{
	struct file_reader reader;
	struct core_mapping mapping;

	if (notes->mappings)
		return fail_notes(report, "it has two lists of mapped files (NT_FILE)");
	if (!open_files(&reader, note))
		return fail_notes(report, "the list of mapped files (NT_FILE) is shorter than "
				    "its count");
	for (uint64_t i = 0; i < reader.count; i++) {
		if (!next_file(&reader, &mapping))
			return fail_notes(report, "an item of the list of mapped files (NT_FILE) "
					    "is invalid");
		mapping.path = xstrdup(mapping.path);
		xgrow(notes->mappings, notes->mapping_count, notes->mapping_room);
		notes->mappings[notes->mapping_count++] = mapping;
	}
	return 0;
}

/* ---- All of them ----------------------------------------------------------------------- */

static const struct kind {
	const char *owner;
	uint32_t type;
	int (*take)(struct core_notes *notes, const struct elf_note *note,
		    struct report *report);
} kinds[] = {
	{ "CORE", NT_PRSTATUS, take_status },  { "CORE", NT_PRFPREG, take_vector },
	{ "LINUX", ARCH_VECTOR_NOTE, take_vector }, { "LINUX", ARCH_LAYOUT_NOTE, take_layout },
	{ "CORE", NT_PRPSINFO, take_program },
	{ "CORE", NT_SIGINFO, take_signal },   { "CORE", NT_AUXV, take_auxv },
	{ "CORE", NT_FILE, take_files },
};

int core_notes_read(struct core_notes *notes, const void *bytes, size_t size,
		    struct report *report)
{
	const unsigned char *at = bytes;
	struct elf_note note;

	while (size >= sizeof(GElf_Nhdr)) {
		size_t length = elf_note_take(at, size, &note);

		if (!length)
			return fail_notes(report, "a note extends beyond the end of the notes");
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (note.type == kinds[i].type && elf_note_is_of(&note, kinds[i].owner)
			    && kinds[i].take(notes, &note, report))
				return -1;
		at += length;
		size -= length;
	}
	return 0;
}

static int compare_mappings(const void *a, const void *b)
{
	const struct core_mapping *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool has_twice(const struct core_notes *notes)
{
	uint32_t *tids = xcalloc(notes->thread_count, sizeof(*tids));
	bool twice = false;

	for (size_t i = 0; i < notes->thread_count; i++)
		tids[i] = notes->threads[i].tid;
	qsort(tids, notes->thread_count, sizeof(*tids), compare_numbers);
	for (size_t i = 1; i < notes->thread_count; i++)
		twice |= tids[i] == tids[i - 1];
	free(tids);
	return twice;
}

/* The kernel lists the thread that crashed first. */
static void put_main_first(struct core_notes *notes)
{
	for (size_t i = 1; i < notes->thread_count; i++)
		if (notes->threads[i].tid == notes->pid) {
			const struct core_thread thread = notes->threads[i];

			memmove(notes->threads + 1, notes->threads, i * sizeof(thread));
			notes->threads[0] = thread;
			return;
		}
}

int core_notes_finish(struct core_notes *notes, struct report *report)
{
	if (!notes->thread_count)
		return fail_notes(report, "it has no threads (NT_PRSTATUS)");
	if (!notes->auxv)
		return fail_notes(report, "it has no auxiliary vector (NT_AUXV)");
	for (size_t i = 0; i < notes->thread_count; i++)
		if (!notes->threads[i].tid || notes->threads[i].tid & ~PLAN_TID_MASK)
			return fail_notes(report, "a thread has an impossible number");
	if (has_twice(notes))
		return fail_notes(report, "two threads have the same number");
	put_main_first(notes);
	if (notes->mapping_count)
		qsort(notes->mappings, notes->mapping_count, sizeof(*notes->mappings),
		      compare_mappings);
	for (size_t i = 1; i < notes->mapping_count; i++)
		if (notes->mappings[i].range.start < notes->mappings[i - 1].range.end)
			return fail_notes(report, "mapped files (NT_FILE) overlap");
	return 0;
}

void core_notes_free(struct core_notes *notes)
{
	for (size_t i = 0; i < notes->thread_count; i++) {
		free(notes->threads[i].registers);
		free(notes->threads[i].vector);
	}
	for (size_t i = 0; i < notes->mapping_count; i++)
		free(notes->mappings[i].path);
	free(notes->threads);
	free(notes->mappings);
	free(notes->layout);
	free(notes->auxv);
	*notes = (struct core_notes){ 0 };
}

uint64_t core_auxv(const struct core_notes *notes, uint64_t type)
{
	for (size_t i = 0; i < notes->auxv_count; i++)
		if (notes->auxv[2 * i] == type)
			return notes->auxv[2 * i + 1];
	return 0;
}
