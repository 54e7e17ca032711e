/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture from a process that lies still, through descriptors of its directory in /proc: of
 * a frozen copy that the library has made and that opened them in its own right (no ptrace,
 * no privilege), or of any process that is held by ptrace (pid.c).
 */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include "capture/capture.h"
#include "process/objects.h"
#include "shared/handoff.h"

/* The source and what its parts share. */
struct process {
	struct capture capture; /* first: what callers see */
	struct report *report;
	struct handoff handoff; /* what only the process itself could ask; by pid.c: in its name */
	/* What the handoff has only the addresses of. */
	struct handoff_thread *threads;
	struct handoff_timer *timers;
	struct handoff_policy *policies;
	size_t policy_count;
	int pidfd; /* descriptors are fetched through it; -1: they have been inherited */
	struct tracee *tracee; /* that lends them where that is forbidden; NULL with the latter */
	struct plan_vdso vdso; /* being put together; whole ones are in the image */
	struct objects objects;  /* of shared memory */
	struct range *excluded;  /* what the library was told to leave out of them */
	size_t excluded_count;
	struct range *resident;  /* pages of theirs that exist, by address, where it is known */
	size_t resident_count;
	bool resident_known;
	struct range *not_dumped; /* with content and MADV_DONTDUMP; see shadows.c */
	size_t not_dumped_count, not_dumped_room;
};

/* Reads a NUL-terminated string of the process; NULL with errno. The caller frees it. */
char *process_read_string(int mem, uint64_t address);

/* A source with an empty image, and what all its parts need set in it. */
struct process *process_new(const struct handoff *handoff, struct report *report);

/* ---- The parts ---------------------------------------------------------------------------- */

/* Whether more of the original than what it has opened can be read (proc(5): a process that
 * is not dumpable is root's there). */
bool process_is_readable(const struct process *process);
/* A file of the copy's /proc directory, or of the original's. NULL with errno. */
FILE *process_open(int directory, const char *name);
/* What a symbolic link there says; NULL with errno. The caller frees it. */
char *process_readlink(int directory, const char *name);

/* regions.c: all mappings. */
void process_capture_regions(struct process *process);

/* Warns of memory that is zero in the dump. */
void process_say_not_carried(struct process *process, struct range range, const char *name);

/* shadows.c: takes note of memory with MADV_DONTDUMP; when all regions are known, keeps that of
 * sanitizers, and warns of the rest. */
void process_note_not_dumped(struct process *process, struct range range);
void process_keep_shadows(struct process *process);

/* numa.c: warns of memory that was to come from certain nodes. */
void process_say_policies(struct process *process);

/* origins.c: in a dump that dumps itself, gives each mapping of the dump's file the name
 * that it had in the process which was dumped first. */
void process_restore_origins(struct process *process);

/* pagemap.c: which pages of the range of private memory have ever been written: adds them
 * to the region as data. 0, or -1 with errno. */
int pagemap_add_data(int pagemap, struct range range, uint32_t page_size,
		     struct region *region);
/* Which pages of the range are guards (MADV_GUARD_INSTALL): adds them as data. Kernels before
 * 6.15 do not tell. 0, or -1 with errno. */
int pagemap_find_guards(int pagemap, struct range range, uint32_t page_size,
			struct region *region);
/* The first page of the range that is the process's own (written to), not the file's, or that
 * cannot be told; the end if there is none. */
uint64_t pagemap_next_own(int pagemap, struct range range, uint32_t page_size);

/* descriptors.c: what becomes of each. Comes before the regions. */
void process_capture_descriptors(struct process *process);

/* kernel_state.c: threads, signals, settings. */
void process_capture_state(struct process *process);

/* timers.c: POSIX timers. Comes after the threads. */
void process_capture_timers(struct process *process);

/* breakpoints.c: a debugger's breakpoints in code that is of a file are taken out. */
void process_remove_breakpoints(struct process *process);

#endif
