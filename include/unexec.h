/* SPDX-License-Identifier: MIT
 *
 * libunexec: write the running process as a new executable that starts already started.
 *
 * This header is the whole interface and its manual. It compiles as C99 and as C++98.
 * Link with `pkg-config --cflags --libs libunexec`; the library depends on libc alone.
 */
#ifndef UNEXEC_H
#define UNEXEC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* The version of this header. */
#define UNEXEC_VERSION "0.1.0"

/* Returns the version of the loaded library: the UNEXEC_VERSION that it was compiled with. Static
 * storage, never NULL. For programs that load the library with dlopen. */
const char *unexec_version(void);

/* ---- Status -------------------------------------------------------------------------- */

/* What unexec_dump returns when a dump was made. */
enum { UNEXEC_DUMPED = 0, UNEXEC_RESUMED = 1 };

/* What it returns otherwise, named by what the caller can do about it. The values are
 * permanent. */
enum unexec_status {
	UNEXEC_INVALID = -1,     /* an argument is wrong; nothing was tried */
	UNEXEC_NOMEM = -2,       /* no memory for the copy of the process or for the writer */
	UNEXEC_SYSTEM = -3,      /* a system call failed: disk full, no permission, … */
	UNEXEC_UNSUPPORTED = -4, /* the process holds something that cannot be kept */
	UNEXEC_MALFORMED = -5,   /* the writer or a file is not of this version, or damaged */
	UNEXEC_VETOED = -6,      /* a function given to unexec_on_dump said no */
	UNEXEC_BUSY = -7         /* a dump of this process is being made already */
};

/* The name of a status, e.g. "UNEXEC_VETOED"; "UNEXEC_DUMPED" and "UNEXEC_RESUMED" too.
 * Static storage; "unknown status" for any other value, never NULL. */
const char *unexec_status_name(int status);

/* ---- Report -------------------------------------------------------------------------- */

enum unexec_severity {
	UNEXEC_NOTE = 0,    /* for information */
	UNEXEC_WARNING = 1, /* the dump was made, but something is not as it was */
	UNEXEC_ERROR = 2    /* why no dump was made */
};

/* The part of the work a diagnostic comes from. */
enum unexec_stage {
	UNEXEC_STAGE_PREPARE = 0, /* the library, in the process itself */
	UNEXEC_STAGE_CAPTURE = 1, /* reading the process */
	UNEXEC_STAGE_LAYOUT = 2,  /* deciding what goes where */
	UNEXEC_STAGE_WRITE = 3    /* the file */
};

/* Every diagnostic there is: name, permanent code, the status that follows from it when
 * it is an error, and what it means. Codes are never reused. */
#define UNEXEC_DIAGNOSTICS(X) \
	X(ARGUMENT, 1, UNEXEC_INVALID, "an argument of the call is wrong") \
	X(BUSY, 2, UNEXEC_BUSY, "a dump of this process is being made already") \
	X(VETO, 3, UNEXEC_VETOED, "a function given to unexec_on_dump returned nonzero") \
	X(NO_MAIN, 4, UNEXEC_UNSUPPORTED, "the address of main could not be found") \
	X(NO_PROC, 5, UNEXEC_SYSTEM, "/proc of this process cannot be read") \
	X(NO_WRITER, 6, UNEXEC_SYSTEM, "the unexec program could not be started") \
	X(WRITER_DIED, 7, UNEXEC_SYSTEM, "the unexec program ended before the dump was whole") \
	X(VERSION, 8, UNEXEC_MALFORMED, "library and unexec program are of different versions") \
	X(COPY, 9, UNEXEC_NOMEM, "the process could not be copied") \
	X(MEMORY, 10, UNEXEC_NOMEM, "out of memory in the writer") \
	X(THREAD, 20, UNEXEC_UNSUPPORTED, "another thread is running") \
	X(DESCRIPTOR, 21, UNEXEC_UNSUPPORTED, "a descriptor that cannot be made again") \
	X(IO_URING, 22, UNEXEC_UNSUPPORTED, "an io_uring") \
	X(DEVICE, 23, UNEXEC_UNSUPPORTED, "a mapping of a device") \
	X(MACHINE, 24, UNEXEC_UNSUPPORTED, "a process of another architecture") \
	X(SEGMENTS, 25, UNEXEC_UNSUPPORTED, "more separate mappings than an executable can have") \
	X(NO_ROOM, 26, UNEXEC_UNSUPPORTED, "no free address range for the restarter") \
	X(MAPPING, 27, UNEXEC_UNSUPPORTED, "a mapping that cannot be kept") \
	X(TIMER, 28, UNEXEC_UNSUPPORTED, "a timer that cannot be made again") \
	X(NOT_CARRIED, 40, UNEXEC_UNSUPPORTED, "contents that are zero in the dump, as the program asked of the kernel") \
	X(SHARED, 41, UNEXEC_UNSUPPORTED, "shared memory that becomes the dump's own") \
	X(LARGE_FILE, 42, UNEXEC_UNSUPPORTED, "a large mapped file, copied into the dump") \
	X(BREAKPOINT, 43, UNEXEC_UNSUPPORTED, "a debugger's breakpoint, left out") \
	X(MUTEX, 44, UNEXEC_UNSUPPORTED, "a lock whose owner cannot be told for certain") \
	X(SYMBOLS, 45, UNEXEC_UNSUPPORTED, "symbols that could not be read") \
	X(HUGE_PAGES, 46, UNEXEC_UNSUPPORTED, "huge pages that become ordinary ones") \
	X(GUARD, 47, UNEXEC_UNSUPPORTED, "a stack canary that all starts share") \
	X(RANDOM, 48, UNEXEC_UNSUPPORTED, "a random generator that starts may share") \
	X(MEMORY_KIND, 49, UNEXEC_UNSUPPORTED, "memory that the kernel treats differently in the dump") \
	X(CORE, 50, UNEXEC_UNSUPPORTED, "what a core file does not tell") \
	X(CORE_FILE, 51, UNEXEC_UNSUPPORTED, "a mapped file that a core lacks, and its state now") \
	X(READ, 60, UNEXEC_SYSTEM, "reading the process failed") \
	X(WRITE, 61, UNEXEC_SYSTEM, "writing the file failed") \
	X(TARGET, 62, UNEXEC_SYSTEM, "the target cannot be replaced") \
	X(FORMAT, 63, UNEXEC_MALFORMED, "a file is not what it should be")

enum unexec_code {
#define UNEXEC_CODE_(name, code, status, text) UNEXEC_CODE_##name = code,
	UNEXEC_DIAGNOSTICS(UNEXEC_CODE_)
#undef UNEXEC_CODE_
	UNEXEC_CODE_NONE = 0
};

/* One entry of a report. */
struct unexec_diagnostic {
	enum unexec_severity severity;
	enum unexec_code code;
	enum unexec_stage stage;
	int error;           /* the errno behind it, or 0 */
	uint64_t start, end; /* the addresses it is about, end exclusive; both 0 for none */
	const char *text;    /* one line, no newline; owned by the report */
};

/* An ordered list of diagnostics. The caller owns it; a call that takes one empties it
 * first. Warnings are in it after success too. */
struct unexec_report;

/* A new report. Room for every diagnostic is reserved here, so that reporting never
 * allocates and never fails; what exceeds it is counted in a last entry. NULL without
 * memory. Free it with unexec_report_free. */
struct unexec_report *unexec_report_new(void);

/* Gives a report back. NULL is allowed. */
void unexec_report_free(struct unexec_report *report);

/* How many diagnostics there are; 0 for NULL. */
size_t unexec_report_count(const struct unexec_report *report);

/* Stores diagnostic `index` (from 0) in *ret_diagnostic and returns 0; returns
 * UNEXEC_INVALID and stores nothing when there is none of that index. The text stays
 * valid until the report is used again or freed. */
int unexec_report_get(const struct unexec_report *report, size_t index,
		      struct unexec_diagnostic *ret_diagnostic);

/* Prints each diagnostic on a line of its own: "unexec: error: …". */
void unexec_report_print(const struct unexec_report *report, FILE *stream);

/* ---- Dumping ------------------------------------------------------------------------- */

/* Where a dump goes on. */
enum unexec_entry {
	UNEXEC_CONTINUE = 0, /* unexec_dump returns a second time, like fork */
	UNEXEC_MAIN = 1,     /* main is called again, with the new arguments */
	UNEXEC_FUNCTION = 2  /* a function of the caller's choice is called with them */
};

/* What becomes of threads other than the one that calls. */
enum unexec_threads {
	UNEXEC_THREADS_DEFAULT = 0, /* kept with UNEXEC_CONTINUE, refused with other entries */
	UNEXEC_THREADS_REFUSE = 1,  /* no dump, each is named */
	UNEXEC_THREADS_KEEP = 2,    /* they go on in the dump where they were */
	UNEXEC_THREADS_LEAVE = 3    /* they are not in the dump, but what they locked is locked */
};

/* What becomes of a descriptor in a dump. What can be made anew is, unless the program says
 * something else about it: regular files and directories that have a name, common devices,
 * pipes and socket pairs with both ends in the process, listening sockets, eventfd, epoll,
 * timerfd, signalfd, inotify, memfd, and duplicates of each; libunexec(7) has the list. 0, 1
 * and 2 are always those of the new process. */
enum unexec_fd_policy {
	UNEXEC_FD_RECREATE = 0, /* opened or created again; no dump if that is not possible */
	UNEXEC_FD_CLOSE = 1,    /* closed */
	UNEXEC_FD_NULL = 2,     /* /dev/null */
	UNEXEC_FD_KEEP = 3,     /* inherited from the process that starts the dump */

	UNEXEC_FD_REFUSE = UNEXEC_FD_RECREATE /* deprecated name */
};

/* What happens when the dump starts and a file that was open is not as it was. */
enum unexec_files {
	UNEXEC_FILES_NAME = 0, /* it does not start when one is gone; it names on stderr one
				  that was open for reading alone and has changed, and goes on */
	UNEXEC_FILES_SAME = 1, /* nor does it when one has changed (in size or time) */
	UNEXEC_FILES_ANY = 2   /* it starts; what is gone is /dev/null */
};

/* How a dump has the private memory that was anonymous (malloc's, stacks of threads, …). */
enum unexec_memory {
	UNEXEC_MEMORY_AUTO = 0, /* lazy, except what is seen to depend on anonymous memory */
	UNEXEC_MEMORY_LAZY = 1, /* mapped from the dump's file: a page is read when it is touched */
	UNEXEC_MEMORY_COPY = 2  /* anonymous again: all of it is read when the dump starts */
};

/* Set .size to sizeof(struct unexec_options); zero anywhere else means the default. A struct of
 * an earlier version, which is shorter, is taken as if the rest were zero; one of a later
 * version is taken if all that this version does not know is zero. */
struct unexec_options {
	size_t size;
	enum unexec_entry entry;
	/* For UNEXEC_FUNCTION. What it returns is the exit status, as from main. */
	int (*function)(int argc, char **argv, char **envp);
	enum unexec_threads threads;
	/* Of descriptors that cannot be made anew and that the program has said nothing about:
	 * connected sockets, pipes to other processes, … With anything but UNEXEC_FD_RECREATE, a
	 * warning names each. */
	enum unexec_fd_policy descriptors;
	enum unexec_files files;
	/* Not 0: the strings of the environment and the arguments of this process are empty in
	 * the dump; pointers to them stay good. What the program has copied of them stays. */
	int scrub_environment;
	enum unexec_memory memory;
};

/* Writes this process as an executable at `path`.
 *
 * In the process that calls it, it returns UNEXEC_DUMPED as soon as the file is complete
 * and on the disk; the process goes on unharmed. What is written is the state at the
 * moment of the call, whatever signal handlers and other processes do meanwhile. When the
 * file is started, the dump resumes as options->entry says: by default this call returns
 * UNEXEC_RESUMED there. UNEXEC_MAIN and UNEXEC_FUNCTION start on the same stack, just
 * below the frames that libc began with; what they return goes to exit().
 *
 * The file appears at `path` in one step (written beside it, synced, renamed). After any
 * failure the file that was there before is untouched. Symbolic links are followed, also one
 * that leads to a free name. Only a regular file is replaced: not a directory, device or pipe,
 * and not through a link of /proc to an open file (/proc/self/exe, /proc/self/fd/1,
 * /dev/stdout).
 *
 * `options` may be NULL for the defaults. `report` may be NULL: errors and warnings are
 * then printed on stderr, one line each.
 *
 * Output of stdio streams is flushed before. What buffers of its own an interpreter or a
 * program has must be flushed by an unexec_on_dump function, or it is printed twice.
 *
 * Returns UNEXEC_DUMPED, UNEXEC_RESUMED, or if nothing was written a negative enum
 * unexec_status: any of them. Not async-signal-safe. */
int unexec_dump(const char *path, const struct unexec_options *options,
		struct unexec_report *report);

/* Emacs's call: writes this process to `new_name`; the dump calls main again. `old_name`
 * (once the file that symbols were taken from) is not needed and may be NULL. Returns 0,
 * or -1 with errno set: EINVAL, ENOMEM, ENOTSUP, EPERM (vetoed), EBUSY, EBADMSG, or the
 * errno of the system call that failed (EIO when there is none). Says why on stderr. */
int unexec(const char *new_name, const char *old_name);

/* 0 in a program that was never dumped, 1 in its dump, 2 in the dump of that, … */
int unexec_generation(void);

/* The arguments and the environment of this very process, which in a dump are not those
 * that main once saw. Any pointer may be NULL. argv[argc] and the end of envp are NULL.
 * The storage lives as long as the process. */
void unexec_arguments(int *argc, char ***argv, char ***envp);

/* Has fn(arg) called before each dump, in the process itself, the last registered first.
 * A nonzero return vetoes the dump: UNEXEC_VETOED; the rest are not called.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_dump(int (*fn)(void *), void *arg);

/* Registers fn to run in the process itself after each dump, before unexec_dump returns
 * `status`: UNEXEC_DUMPED, or why there is no dump. The first registered runs first. It runs
 * whenever functions of unexec_on_dump have, even if one of them vetoed before the others ran;
 * not where unexec_dump returns before that (UNEXEC_BUSY, wrong options), and not in the dump.
 * Place to undo what an unexec_on_dump function did: to open connections again.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_dumped(void (*fn)(int status, void *arg), void *arg);

/* Has fn(arg) called in each resumed process, by the thread that dumped, before it goes on;
 * the first registered first. Its signals are blocked meanwhile, unexec_arguments and the
 * environment are those of the new process. Other threads run already: one of them may hold
 * a lock, malloc's say, that fn needs. Place to reseed random generators, to open
 * connections, to throw away what was true only of the old process.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_resume(void (*fn)(void *), void *arg);

/* From now on the `length` bytes at `start` are zero in every dump (not in the process
 * itself): secrets, caches. Whole pages of it take no space in the file. When a dump is made,
 * all of them must be mapped, writable and not shared with a file; otherwise unexec_dump returns
 * UNEXEC_INVALID and names the range. Large reservations cost nothing.
 * Returns 0, UNEXEC_INVALID (the range is empty or wraps around) or UNEXEC_NOMEM. */
int unexec_exclude(void *start, size_t length);

/* Says what becomes of descriptor `fd` in dumps from now on, whatever it is then, also when it
 * has been closed and opened again meanwhile. UNEXEC_FD_RECREATE takes back what was said. An
 * epoll set does not wait for it in the dump; a pipe or pair whose other end it is has its
 * other end outside.
 * Returns 0, UNEXEC_INVALID (fd is less than 3, no such policy) or UNEXEC_NOMEM. */
int unexec_set_fd_policy(int fd, enum unexec_fd_policy policy);

/* The same with a function that supplies a new one: in each resumed process fn(arg, fd) is
 * called before the functions given to unexec_on_resume, with signals
 * blocked. The descriptor that it returns gets the number `fd` and keeps its FD_CLOEXEC; its
 * old number is closed. With a negative return, `fd` stays closed.
 * Returns 0, UNEXEC_INVALID (fd is less than 3, fn is NULL) or UNEXEC_NOMEM. */
int unexec_set_fd_hook(int fd, int (*fn)(void *arg, int fd), void *arg);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
