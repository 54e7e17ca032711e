/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture from a core file. A core has less than a process: what lies in files that were
 * mapped comes from those files, if they are still the same; of what the kernel knew
 * (descriptors, signal handlers, timers, limits) next to nothing is there.
 *
 * Nothing in a core is trusted: each number is checked before it is used, and what is
 * allocated is never more than a small multiple of what the file really holds.
 */
#ifndef SOURCES_CORE_CORE_H
#define SOURCES_CORE_CORE_H

#include "arch_frame.h"
#include "arch_registers.h"
#include "capture/capture.h"

/* Captures what `core` holds, a core file of this machine that the kernel or gdb has written,
 * as it is or compressed by zstd or lz4. `program`: where the program's file is now, or NULL:
 * where it was. Never NULL: with errors in the report, the image is incomplete. Free with
 * capture->free(capture). */
struct capture *core_capture(const char *core, const char *program, struct report *report);

/* The same of an open file, which is closed with the capture; `name` is for messages. */
struct capture *core_capture_file(int fd, const char *name, const char *program,
				  struct report *report);

/* ---- core_notes.c: what the notes say -------------------------------------------------- */

struct core_thread {
	uint32_t tid;
	uint32_t signal;        /* that it was stopped or ended by; 0: none */
	uint64_t pending, mask; /* signals */
	struct arch_registers *registers; /* NT_PRSTATUS' pr_reg */
	void *vector;           /* ARCH_VECTOR_NOTE, or NT_PRFPREG; may be NULL */
	size_t vector_size;
};

/* A part of a file that was mapped: NT_FILE. */
struct core_mapping {
	struct range range;
	uint64_t offset;
	char *path;
};

struct core_notes {
	struct core_thread *threads;
	size_t thread_count, thread_room;
	struct core_mapping *mappings; /* sorted, not overlapping */
	size_t mapping_count, mapping_room;
	void *layout;   /* ARCH_LAYOUT_NOTE; NULL: there is none */
	size_t layout_size;
	uint64_t *auxv; /* pairs of type and value */
	size_t auxv_count;
	uint32_t pid;
	char name[17];    /* of the program, 15 bytes of it */
	bool by_debugger; /* it does not say which signals are blocked */
	uint32_t signal;  /* NT_SIGINFO of the thread that comes first */
	uint64_t fault;   /* its address, for those that have one */
};

/* Reads one segment of notes; several may be read one after the other. 0, or -1 with an error
 * (FORMAT). */
int core_notes_read(struct core_notes *notes, const void *bytes, size_t size,
		    struct report *report);
/* When all are read: puts the main thread first and checks what belongs together. */
int core_notes_finish(struct core_notes *notes, struct report *report);
void core_notes_free(struct core_notes *notes);

/* The value of that type in the auxiliary vector, or 0. */
uint64_t core_auxv(const struct core_notes *notes, uint64_t type);

/* ---- The source and its parts ---------------------------------------------------------- */

#define CORE_NO_FILE SIZE_MAX

/* Addresses whose content is of one kind. Each becomes a region. */
struct core_piece {
	struct range range;
	uint32_t prot;
	uint64_t saved;        /* where in the core its bytes are, */
	uint64_t saved_length; /* and how many of them; the rest is of the file, or zero */
	size_t file;           /* index, or CORE_NO_FILE */
	uint64_t file_offset;
	bool only_in_notes;    /* no segment says what its protection is */
	bool kernels_own;      /* no part of the image */
	bool stack;
	const char *name;      /* static; NULL: the file's, or none */
};

/* A file that was mapped. */
struct core_file {
	char *path;      /* as it was called then, or where it is now */
	uint64_t base;   /* where its first byte was mapped; UINT64_MAX: nowhere */
	uint64_t first;  /* the lowest address that it was mapped at */
	bool needed;     /* the core does not have all that was mapped */
	bool is_program;
	bool changed;    /* since the core was written */
	bool shorter;    /* than what was mapped: that has been said */
	int fd;          /* or -1 */
	uint64_t size;
};

struct core {
	struct capture capture; /* first: what callers see */
	struct report *report;
	const char *name; /* for messages */
	int fd;
	uint64_t size;
	int64_t time; /* when it was written */
	struct core_notes notes;
	struct core_piece *pieces; /* sorted */
	size_t piece_count, piece_room;
	struct core_file *files;
	size_t file_count, file_room;
};

/* All of these return 0, or -1 with an error in the report. */

/* core_unpack.c: if the file is compressed, puts what is in it, in a file without a name, in
 * its place. */
int core_unpack(int *fd, const char *name, struct report *report);

/* core_headers.c: checks what kind of file it is, reads the notes, and calls add() for each
 * segment of memory. */
struct core_segment {
	struct range range;
	uint32_t prot;
	uint64_t offset, length; /* in the core; the length may be less than the range's */
};
int core_read_headers(struct core *core, struct core_segment **ret_segments,
		      size_t *ret_count);

/* core_memory.c: from segments and NT_FILE to pieces; and the regions of the image. */
int core_make_pieces(struct core *core, struct core_segment *segments, size_t count);
void core_add_regions(struct core *core);
struct core_piece *core_find_piece(const struct core *core, uint64_t address);
/* Only what the core itself has; -1 without a word where it has not all of it. */
int core_read_saved(struct core *core, uint64_t address, void *buffer, size_t length);
int core_read(struct capture *capture, uint64_t address, void *buffer, size_t length);

/* core_files.c: finds and checks those that are needed. */
int core_open_files(struct core *core, const char *program);

/* core_process.c: tells stack, heap and vDSO from other memory; where things lie. */
int core_find_places(struct core *core);
void core_find_heap(struct core *core);

/* core_threads.c: what is known of each thread, and how it goes on. */
void core_add_threads(struct core *core);

/* core_random.c: adds those of getrandom()'s states that are missing and that words of a thread's
 * control block lead to. */
void core_add_random_states(struct core *core, uint64_t block);
int core_find_registers(struct core *core);
/* How each goes on; to be freed. */
struct arch_thread_state *core_thread_states(struct core *core);

#endif
