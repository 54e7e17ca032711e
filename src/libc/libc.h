/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The libc in a process: what must be known of one, and what is found by it.
 *
 * Files that are named for a libc (glibc*.c, musl.c) have what is true of that one only. All others
 * hold for any libc: they go by the kernel's interface, by symbols, and by what compiled code does
 * with a thread's control block, which is where the thread pointer leads.
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

/* All that must be known of a libc by name. A process does not say which libc it has, so each
 * question is put to all libcs in turn (libc.c), and the first answer counts. NULL: this libc has no
 * answer; the comment says what is done without one. */
struct libc_backend {
	const char *name;

	/* The offset of the word that holds a thread's TID from the thread pointer, if libc itself
	 * describes it. Without: by code and by value (threads.c). */
	bool (*tid_offset)(struct capture *capture, uint64_t *ret_offset);

	/* From a robust mutex's list item to its lock word. Tells the list of robust mutexes in a
	 * control block; 0: not known. */
	int64_t robust_distance;

	/* Where threads have their area for restartable sequences. Without: a core has none. */
	bool (*find_rseq)(struct capture *capture, struct libc_rseq *ret_rseq);
	/* Whether a thread is in libc's code before or after its own function, where the area need
	 * not be registered. Required with find_rseq. */
	bool (*begins_or_ends)(struct capture *capture, struct libc_rseq *rseq,
			       const struct arch_thread_place *place);

	/* The stack that libc has made for the thread; it has the stack pointer in it. Empty: not
	 * known. Without: a copy of the canary below the stack pointer keeps the canary from being
	 * replaced. */
	struct range (*thread_stack)(struct capture *capture, uint64_t thread_pointer,
				     uint64_t stack_pointer);

	/* Which byte of the kernel's random bytes is zero in the stack canary. */
	uint32_t canary_zero_byte;

	/* Whether words[index] of the window, the TID of a thread, makes that thread the owner of a
	 * lock; sets all but `thread`. Without: locks that are held keep the owner's old TID. */
	bool (*is_lock)(const struct locks_window *window, size_t index, size_t thread_count,
			struct lock *ret_lock);
	/* See locks_half_taken() in locks.h. */
	enum lock_half_taken (*is_half_taken)(const uint32_t *words,
					      const struct locks_context *context,
					      struct lock *lock);

	/* See libc_trim_exit_list(). False, with the image unchanged: the list is not found. */
	bool (*trim_exit_list)(struct capture *capture, const struct exit_list *list);
};

extern const struct libc_backend libc_glibc, libc_musl;
extern const struct libc_backend *const libc_backends[]; /* NULL ends them */

/* The questions, put to all of them. */
bool libc_tid_offset(struct capture *capture, uint64_t *ret_offset);
bool libc_is_robust_distance(int64_t distance);
struct range libc_thread_stack(struct capture *capture, uint64_t thread_pointer,
			       uint64_t stack_pointer);

/* ---- threads.c: what is known of each thread ---------------------------------------------- */

/* Reads the first words of a thread's control block. Where memory ends within them, the rest is
 * zero. False: nothing can be read. */
#define LIBC_BLOCK_WORDS 384
bool libc_read_block(struct capture *capture, uint64_t address,
		     uint64_t words[LIBC_BLOCK_WORDS]);

struct libc_thread_search {
	/* The source has clear_child_tid and robust_list of all threads from the kernel; 0: there
	 * is none, or, without CONFIG_CHECKPOINT_RESTORE, it is not known. Otherwise the source has
	 * neither. */
	bool from_kernel;
	/* Of the diagnostics about what is not found. */
	enum unexec_severity missing;
	enum unexec_code code;
};

/* For each thread of the image, whose thread pointer and TID are there: sets tid_address, with a
 * fixup, and clear_child_tid and robust_list if the source does not know them. All regions must
 * be in the image. */
void libc_find_threads(struct capture *capture, const struct libc_thread_search *source,
		       struct report *report);

/* rseq.c: the same for restartable sequences, if the kernel has not reported them. `states`: of the
 * threads, in the order of image->threads; `code`: of a note that they cannot be found. */
void libc_find_rseq(struct capture *capture, const struct arch_thread_state *states,
		    enum unexec_code code, struct report *report);

/* ---- Words that need a fixup -------------------------------------------------------------- */

/* scan.c: in memory at large, locks that are held and the stack canary. Whoever reads memory for
 * the dump passes it on in blocks that are aligned to their size. The scan also reads this many
 * bytes on both sides of a block, so that it sees a lock that straddles the border. */
#define LIBC_SCAN_BLOCK 4096
#define LIBC_SCAN_MARGIN 64

struct libc_scan;
struct libc_scan *libc_scan_begin(struct capture *capture, struct report *report);

/* A set of things to look for in memory of that region (NULL: of none); 0: nothing. */
unsigned libc_scan_wanted(const struct libc_scan *scan, const struct region *region);

/* Looks for these in a block. Adds a fixup for each lock that a thread holds. */
void libc_scan_block(struct libc_scan *scan, unsigned wanted, const void *block,
		     uint64_t address);

/* When all memory has been scanned: adds the fixups of the canary, and frees the scan. */
void libc_scan_end(struct libc_scan *scan);

/* lock_code.c: the TID in registers and stack words of threads that are taking a lock or giving it
 * back. */
void libc_fixup_lock_code(struct capture *capture);

/* startup_values.c: variables and words of the stack that the new process's values replace:
 * environ, program_invocation_name, malloc's idea of brk, and the auxiliary vector at the top of
 * the old stack. `known`: where they are, 0: nowhere; NULL: they are looked up in the symbols of the
 * program and its libraries. */
struct startup_values {
	uint64_t environment, name, short_name, brk;
	uint64_t stack; /* of the first program: where argc is */
};
void libc_add_startup_values(struct capture *capture, const struct startup_values *known,
			     struct report *report);

/* The same for a thread that is about to begin a function like main: its arguments. */
void libc_add_arguments(struct capture *capture, size_t thread);

/* libc.c: takes the functions that the program itself has given to atexit() and on_exit() off
 * libc's list, at the start. A warning says if that list is not known. */
struct exit_list {
	uint64_t mark, function; /* the library has called __cxa_atexit(function, mark, mark) */
	uint64_t thread_pointer; /* of the thread that has */
};
void libc_trim_exit_list(struct capture *capture, const struct exit_list *list,
			 struct report *report);

/* ---- generators.c: random generators ------------------------------------------------------ */

/* Those of a process that has no library in it. (The library seeds them itself: src/lib/random.c.) */
#define LIBC_GENERATORS_MAX 8

struct libc_generators {
	size_t count;
	size_t sometimes; /* the first, which are called where the process ID may be the same */
	uint64_t seed[LIBC_GENERATORS_MAX]; /* functions that take random bytes */
	const char *names[LIBC_GENERATORS_MAX]; /* of their files; the image's */
	uint64_t random; /* where random bytes are that are new in each start */
};

/* Returns the generators that can be seeded before the process goes on; `states` are those of its
 * threads. They can if the only thread holds no lock of a generator or of malloc: it waits, or
 * runs code that has no such lock, and no frame of a signal handler or a generator is on its
 * stack. Otherwise a warning says what that means, and there is none. */
struct libc_generators libc_find_generators(struct capture *capture,
					    const struct arch_thread_state *states,
					    struct report *report);

#endif
