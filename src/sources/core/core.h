/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Captures core files. A core has less than a process. The content of mapped files comes from
 * these files, if they have not changed. Of the kernel's state (descriptors, signal handlers,
 * timers, limits) a core has almost nothing.
 *
 * Nothing in a core is trusted: each number is checked before it is used, and allocations are
 * never more than a small multiple of the file's size.
 */
#ifndef SOURCES_CORE_CORE_H
#define SOURCES_CORE_CORE_H

#include "arch_frame.h"
#include "arch_registers.h"
#include "capture/capture.h"

struct core_options {
	const char *program;  /* the present path of the program's file; NULL: the one in the core */
	uint32_t environment; /* enum unexec_environment */
	uint32_t argv0;       /* enum unexec_argv0 */
};

/* Captures `core`, a core file of this machine that the kernel or gdb has written, plain or
 * compressed by zstd or lz4. Never returns NULL: after errors in the report, the image is incomplete.
 * Free with capture->free(capture). */
struct capture *core_capture(const char *core, const struct core_options *options,
			     struct report *report);

/* The same for an open file, which is closed with the capture. `name` is for messages. */
struct capture *core_capture_file(int fd, const char *name,
				  const struct core_options *options, struct report *report);

/* ---- core_notes.c: the notes ----------------------------------------------------------- */

struct core_thread {
	uint32_t tid;
	uint32_t signal;        /* that stopped or ended it; 0: none */
	uint64_t pending, mask; /* signals */
	struct arch_registers *registers; /* NT_PRSTATUS' pr_reg */
	void *vector;           /* ARCH_VECTOR_NOTE, or NT_PRFPREG; may be NULL */
	size_t vector_size;
};

/* A mapped part of a file, from NT_FILE. */
struct core_mapping {
	struct range range;
	uint64_t offset;
	char *path;
};

struct core_notes {
	struct core_thread *threads;
	size_t thread_count, thread_room;
	struct core_mapping *mappings; /* sorted; they do not overlap */
	size_t mapping_count, mapping_room;
	void *layout;   /* ARCH_LAYOUT_NOTE; NULL: there is none */
	size_t layout_size;
	uint64_t *auxv; /* pairs of type and value */
	size_t auxv_count;
	uint32_t pid;
	char name[17];    /* of the program, at most 15 bytes */
	bool by_debugger; /* does not record blocked signals */
	uint32_t signal;  /* NT_SIGINFO of the first thread */
	uint64_t fault;   /* its address, for signals that have one */
};

/* Reads a segment of notes; several may follow each other. Returns 0, or -1 with an error
 * (FORMAT). */
int core_notes_read(struct core_notes *notes, const void *bytes, size_t size,
		    struct report *report);
/* Called after all notes have been read: puts the main thread first and checks that notes
 * agree. */
int core_notes_finish(struct core_notes *notes, struct report *report);
void core_notes_free(struct core_notes *notes);

/* Returns the value of that type in the auxiliary vector, or 0. */
uint64_t core_auxv(const struct core_notes *notes, uint64_t type);

/* ---- The source and its parts ---------------------------------------------------------- */

#define CORE_NO_FILE SIZE_MAX

/* A range with content of one kind. Each becomes a region. */
struct core_piece {
	struct range range;
	uint32_t prot;
	uint64_t saved;        /* place of its bytes in the core */
	uint64_t saved_length; /* number of these; the rest is the file's, or zero */
	size_t file;           /* index, or CORE_NO_FILE */
	uint64_t file_offset;
	bool only_in_notes;    /* no segment has its protection */
	bool kernels_own;      /* not part of the image */
	bool stack;
	const char *name;      /* static; NULL: the file's name, or none */
};

/* A mapped file. */
struct core_file {
	char *path;      /* its path at the time of the core, or its present one */
	uint64_t base;   /* address of its first byte; UINT64_MAX: not mapped */
	uint64_t first;  /* lowest address of its mappings */
	bool needed;     /* the core lacks some of its mapped bytes */
	bool is_program;
	bool changed;    /* since the core was written */
	bool shorter;    /* than its mappings, and that has been reported */
	int fd;          /* or -1 */
	uint64_t size;
};

struct core {
	struct capture capture; /* must be first: callers have a pointer to it */
	struct report *report;
	const char *name; /* for messages */
	int fd;
	uint64_t size;
	int64_t time; /* at which it was written */
	struct core_notes notes;
	struct core_piece *pieces; /* sorted */
	size_t piece_count, piece_room;
	struct core_file *files;
	size_t file_count, file_room;
};

/* All of these return 0, or -1 with an error in the report. */

/* core_unpack.c: if the file is compressed, replaces it by a nameless file with its content. */
int core_unpack(int *fd, const char *name, struct report *report);

/* core_headers.c: checks the kind of the file, reads the notes, and lists the segments of
 * memory. */
struct core_segment {
	struct range range;
	uint32_t prot;
	uint64_t offset, length; /* in the core; the length may be less than the range's */
};
int core_read_headers(struct core *core, struct core_segment **ret_segments,
		      size_t *ret_count);

/* core_memory.c: makes pieces from segments and NT_FILE, then the regions of the image. */
int core_make_pieces(struct core *core, struct core_segment *segments, size_t count);
void core_add_regions(struct core *core);
struct core_piece *core_find_piece(const struct core *core, uint64_t address);
/* Reads bytes that the core itself contains. Returns -1, without a report, if it lacks any. */
int core_read_saved(struct core *core, uint64_t address, void *buffer, size_t length);
int core_read(struct capture *capture, uint64_t address, void *buffer, size_t length);

/* core_files.c: opens and checks the files that are needed. */
int core_open_files(struct core *core, const char *program);

/* core_process.c: finds stack, vDSO, program and heap. */
int core_find_places(struct core *core);
void core_find_heap(struct core *core);

/* core_threads.c: adds the threads to the image. */
void core_add_threads(struct core *core);

/* core_random.c: adds the missing states of getrandom() to which words of a thread's control
 * block point. */
void core_add_random_states(struct core *core, uint64_t block);
int core_find_registers(struct core *core);
/* Returns the states in which the threads continue; the caller frees the array. */
struct arch_thread_state *core_thread_states(struct core *core);

#endif
