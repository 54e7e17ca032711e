/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The libc in a process: what must be known of one, and what is found by it.
 *
 * In this folder, files that are named for a libc (glibc*.c, musl.c) hold facts about that libc.
 * Patterns of its machine code are in arch_code.h. All other files work for any libc: they use the
 * kernel's interface, symbols, and what compiled code does with a thread's control block, the
 * memory at its thread pointer.
 */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include "arch_frame.h"
#include "arch_registers.h"
#include "capture/capture.h"

struct lock;
struct locks_context;
struct locks_window;
struct exit_list;

/* A lock that a thread is just taking or giving back. */
enum lock_half_taken {
	LOCK_NONE,
	LOCK_PLAIN,   /* or a rwlock: for a few instructions, never while it waits */
	LOCK_PROTOCOL /* robust, priority-inheriting or -protected: as long as it takes */
};

/* ---- A libc ------------------------------------------------------------------------------- */

struct libc_rseq {
	int64_t offset;  /* of the area for restartable sequences from the thread pointer */
	uint32_t length; /* 0: not registered */
	uint64_t code;   /* for begins_or_ends; 0 at first */
};

/* A libc: the questions that only its own sources answer. A process does not name its libc, so
 * each question goes to all libcs in turn (libc.c), and the first answer counts. A libc leaves
 * questions without an answer NULL. */
struct libc_backend {
	const char *name;

	/* Offset of the TID word in a thread's control block. NULL: the word is found by code and
	 * by value (threads.c). */
	bool (*tid_offset)(struct capture *capture, uint64_t *ret_offset);

	/* Distance from a robust mutex's list item to its lock word, which identifies the list
	 * of robust mutexes in a control block. 0: not known. */
	int64_t robust_distance;

	/* The area for restartable sequences. NULL: threads of a core have none. */
	bool (*find_rseq)(struct capture *capture, struct libc_rseq *ret_rseq);
	/* Returns true if the thread runs libc's code before or after its own function, where
	 * the area may be unregistered. Set if find_rseq is. */
	bool (*begins_or_ends)(struct capture *capture, struct libc_rseq *rseq,
			       const struct arch_thread_place *place);

	/* Returns the stack that libc has allocated for a thread if the stack pointer is in it, or
	 * an empty range. May be NULL. Without it, an old canary in the unused part of a thread's
	 * stack counts as one in unknown memory, and the canary is not replaced. */
	struct range (*thread_stack)(struct capture *capture, uint64_t thread_pointer,
				     uint64_t stack_pointer);

	/* Index of the byte that libc sets to zero when it makes the stack canary. */
	uint32_t canary_zero_byte;

	/* Returns true if the TID in words[index] of the window makes its thread the owner of a
	 * lock. Sets all of *ret_lock except `thread`. NULL: no lock is recognised so. */
	bool (*is_lock)(const struct locks_window *window, size_t index, size_t thread_count,
			struct lock *ret_lock);
	/* Adds a fixup for each lock in the lists of held locks that the thread has. May be
	 * NULL. */
	void (*fix_listed)(struct capture *capture, size_t thread);
	/* locks_half_taken() in locks.h. */
	enum lock_half_taken (*is_half_taken)(const uint32_t *words,
					      const struct locks_context *context,
					      struct lock *lock);

	/* libc_trim_exit_list() below. False: the list is not found, the image unchanged. */
	bool (*trim_exit_list)(struct capture *capture, const struct exit_list *list);
};

extern const struct libc_backend libc_glibc, libc_musl;
extern const struct libc_backend *const libc_backends[]; /* NULL ends the list */

/* Questions to all libcs. */
bool libc_tid_offset(struct capture *capture, uint64_t *ret_offset);
bool libc_is_robust_distance(int64_t distance);
void libc_fix_listed(struct capture *capture, size_t thread);
struct range libc_thread_stack(struct capture *capture, uint64_t thread_pointer,
			       uint64_t stack_pointer);

/* ---- threads.c: each thread --------------------------------------------------------------- */

/* Reads the first words of a thread's control block. Words after the end of memory are zero.
 * False: nothing can be read. */
#define LIBC_BLOCK_WORDS 384
bool libc_read_block(struct capture *capture, uint64_t address,
		     uint64_t words[LIBC_BLOCK_WORDS]);

struct libc_thread_search {
	/* The source has clear_child_tid and robust_list of all threads from the kernel, where 0
	 * means that a thread has none or, without CONFIG_CHECKPOINT_RESTORE, that it is not
	 * known. Otherwise the source has neither. */
	bool from_kernel;
	/* Severity and code of the diagnostic about a TID word that is not found. */
	enum unexec_severity missing;
	enum unexec_code code;
};

/* Finds each thread's TID word by its thread pointer and TID. Sets tid_address, with a fixup,
 * and clear_child_tid and robust_list if the source does not know them. All regions must be in
 * the image. */
void libc_find_threads(struct capture *capture, const struct libc_thread_search *source,
		       struct report *report);

/* rseq.c: finds the threads' areas for restartable sequences if the kernel has not reported
 * them. `states` are in the order of image->threads; `code` is of the note that reports that
 * none can be found. */
void libc_find_rseq(struct capture *capture, const struct arch_thread_state *states,
		    enum unexec_code code, struct report *report);

/* ---- Words that need a fixup -------------------------------------------------------------- */

/* scan.c: held locks and the stack canary, anywhere in memory. The writer passes the memory of
 * the dump in blocks that are aligned to their size. The scan also reads LIBC_SCAN_MARGIN bytes
 * on both sides of a block, so that it sees a lock that straddles the border. */
#define LIBC_SCAN_BLOCK 4096
#define LIBC_SCAN_MARGIN 64

struct libc_scan;
struct libc_scan *libc_scan_begin(struct capture *capture, struct report *report);

/* Returns the set of things to look for in the region's memory; 0: nothing. NULL: memory of no
 * region. */
unsigned libc_scan_wanted(const struct libc_scan *scan, const struct region *region);

/* Looks for these in a block. Adds a fixup for each lock that a thread holds. */
void libc_scan_block(struct libc_scan *scan, unsigned wanted, const void *block,
		     uint64_t address);

/* When all memory has been scanned: adds the fixups of the canary, and frees the scan. */
void libc_scan_end(struct libc_scan *scan);

/* lock_code.c: the TID in registers and stack words of threads that are taking a lock or giving
 * it back. */
void libc_fixup_lock_code(struct capture *capture);

/* startup_values.c: variables and stack words that the restarter replaces by the new process's
 * values: environ, program_invocation_name, the brk that malloc remembers, and the auxiliary
 * vector at the top of the old stack. `known` has their addresses, 0 for none; with NULL they
 * are looked up in the symbols of the program and its libraries. */
struct startup_values {
	uint64_t environment, name, short_name, brk;
	uint64_t stack; /* of the first program: where argc is */
};
struct startup_choices {
	uint32_t environment; /* enum unexec_environment */
	bool any_array;   /* `environ` may be replaced even if its array is the program's own */
	bool keeps_argv0; /* the name that the program was started by, not the start's */
};
void libc_add_startup_values(struct capture *capture, const struct startup_values *known,
			     const struct startup_choices *choices, struct report *report);

/* environment.c: adds the program's changes to the image, and returns whether starts may replace
 * the pointer `environ` at `place`. */
bool libc_add_environment(struct capture *capture, uint64_t place,
			  const struct startup_choices *choices, struct report *report);

/* The same for a thread that is about to begin a function like main: its arguments. */
void libc_add_arguments(struct capture *capture, size_t thread);

/* libc.c: has starts take the functions that the program itself has given to atexit() and
 * on_exit() off libc's list. Reports a warning if that list is not found. */
struct exit_list {
	uint64_t mark, function; /* the library has called __cxa_atexit(function, mark, mark) */
	uint64_t thread_pointer; /* of the thread that called it */
};
void libc_trim_exit_list(struct capture *capture, const struct exit_list *list,
			 struct report *report);

/* ---- generators.c: random generators ------------------------------------------------------ */

/* Generators of a process without the library, which seeds them itself (src/lib/random.c). */
#define LIBC_GENERATORS_MAX 8

struct libc_generators {
	size_t count;
	size_t sometimes; /* the first of them: seeded only if the process ID may be the old one */
	uint64_t seed[LIBC_GENERATORS_MAX]; /* functions that take random bytes */
	const char *names[LIBC_GENERATORS_MAX]; /* of their files; the image's */
	uint64_t random; /* address of random bytes that each start replaces */
};

/* Returns the generators that each start can seed before the process goes on; `states` are in
 * the order of image->threads. They can be seeded if the only thread holds no lock of a
 * generator or of malloc: it waits, or runs code without such a lock, and no frame of a signal
 * handler or a generator is on its stack. Otherwise a warning says what follows, and none is
 * returned. */
struct libc_generators libc_find_generators(struct capture *capture,
					    const struct arch_thread_state *states,
					    struct report *report);

#endif
