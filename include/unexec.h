/* SPDX-License-Identifier: MIT
 *
 * libunexec: writes the running process as an executable that resumes where the process was.
 *
 * This header is the whole interface and its manual. It compiles as C99 and as C++98.
 * Link with `pkg-config --cflags --libs libunexec`. The library depends on libc alone.
 *
 * Words: the dump is the file; a start executes it; the original is the dumped process.
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

/* Returns the version of the loaded library: the UNEXEC_VERSION that it was compiled with. The
 * string is static and never NULL. Programs that load the library with dlopen need it. */
const char *unexec_version(void);

/* ---- Status -------------------------------------------------------------------------- */

/* unexec_dump returns one of these if it made a dump. */
enum { UNEXEC_DUMPED = 0, UNEXEC_RESUMED = 1 };

/* unexec_dump returns one of these if it made none. Each is named by what the caller can do.
 * The values are permanent. */
enum unexec_status {
	UNEXEC_INVALID = -1,     /* an argument, an option or an excluded range is wrong */
	UNEXEC_NOMEM = -2,       /* no memory to copy the process or to write the dump */
	UNEXEC_SYSTEM = -3,      /* a system call failed: disk full, permission denied, … */
	UNEXEC_UNSUPPORTED = -4, /* the process has state that a dump cannot preserve */
	UNEXEC_MALFORMED = -5,   /* library and unexec program differ in version, or a file
				    is damaged */
	UNEXEC_VETOED = -6,      /* a function of unexec_on_dump returned nonzero */
	UNEXEC_BUSY = -7         /* another dump of this process is in progress */
};

/* Returns the name of a status, e.g. "UNEXEC_VETOED", also for UNEXEC_DUMPED and
 * UNEXEC_RESUMED. It returns "unknown status" for any other value. The string is static and
 * never NULL. */
const char *unexec_status_name(int status);

/* ---- Report -------------------------------------------------------------------------- */

enum unexec_severity {
	UNEXEC_NOTE = 0,    /* information */
	UNEXEC_WARNING = 1, /* the dump was made, but does not preserve everything */
	UNEXEC_ERROR = 2    /* the reason why no dump was made */
};

/* The step of the work that a diagnostic comes from. */
enum unexec_stage {
	UNEXEC_STAGE_PREPARE = 0, /* the library, in the process itself */
	UNEXEC_STAGE_CAPTURE = 1, /* reading the process */
	UNEXEC_STAGE_LAYOUT = 2,  /* assigning addresses and offsets in the dump */
	UNEXEC_STAGE_WRITE = 3    /* writing the file */
};

/* All diagnostics: name, code, the status that an error of this code leads to, and meaning.
 * The codes are permanent and are never reused. */
#define UNEXEC_DIAGNOSTICS(X) \
	X(ARGUMENT, 1, UNEXEC_INVALID, "an argument, an option or an excluded range is wrong") \
	X(BUSY, 2, UNEXEC_BUSY, "another dump of this process is in progress") \
	X(VETO, 3, UNEXEC_VETOED, "a function of unexec_on_dump returned nonzero") \
	X(NO_MAIN, 4, UNEXEC_UNSUPPORTED, "the address of main could not be found") \
	X(NO_PROC, 5, UNEXEC_SYSTEM, "/proc of this process cannot be read") \
	X(NO_WRITER, 6, UNEXEC_SYSTEM, "the unexec program could not be started") \
	X(WRITER_DIED, 7, UNEXEC_SYSTEM, "the unexec program ended before the dump was complete") \
	X(VERSION, 8, UNEXEC_MALFORMED, "library and unexec program are of different versions") \
	X(COPY, 9, UNEXEC_NOMEM, "the process could not be copied") \
	X(MEMORY, 10, UNEXEC_NOMEM, "the unexec program ran out of memory") \
	X(THREAD, 20, UNEXEC_UNSUPPORTED, "a running thread that is refused or cannot be preserved") \
	X(DESCRIPTOR, 21, UNEXEC_UNSUPPORTED, "a descriptor that cannot be recreated") \
	X(IO_URING, 22, UNEXEC_UNSUPPORTED, "an io_uring that cannot be recreated") \
	X(DEVICE, 23, UNEXEC_UNSUPPORTED, "a mapping of a device") \
	X(MACHINE, 24, UNEXEC_UNSUPPORTED, "a process of another architecture") \
	X(SEGMENTS, 25, UNEXEC_UNSUPPORTED, "more separate mappings than an executable can have") \
	X(NO_ROOM, 26, UNEXEC_UNSUPPORTED, "no free address range for an added region") \
	X(MAPPING, 27, UNEXEC_UNSUPPORTED, "a mapping that cannot be preserved") \
	X(TIMER, 28, UNEXEC_UNSUPPORTED, "a timer that cannot be recreated") \
	X(PROTECTION, 29, UNEXEC_UNSUPPORTED, "a protection of the process that a dump cannot preserve") \
	X(CHILDREN, 30, UNEXEC_UNSUPPORTED, "children of the process, which a dump lacks") \
	X(NOT_CARRIED, 40, UNEXEC_UNSUPPORTED, "memory that is zero in the dump, or requests that are lost") \
	X(SHARED, 41, UNEXEC_UNSUPPORTED, "shared memory that becomes private to the dump") \
	X(LARGE_FILE, 42, UNEXEC_UNSUPPORTED, "a large mapped file that is copied into the dump") \
	X(BREAKPOINT, 43, UNEXEC_UNSUPPORTED, "a debugger's breakpoint, which the dump leaves out") \
	X(MUTEX, 44, UNEXEC_UNSUPPORTED, "a lock whose owner is uncertain") \
	X(SYMBOLS, 45, UNEXEC_UNSUPPORTED, "symbols that could not be read or found") \
	X(HUGE_PAGES, 46, UNEXEC_UNSUPPORTED, "huge pages that become ordinary pages") \
	X(GUARD, 47, UNEXEC_UNSUPPORTED, "a stack canary that all starts share, or unknown exit functions") \
	X(RANDOM, 48, UNEXEC_UNSUPPORTED, "a random generator whose state starts may share") \
	X(MEMORY_KIND, 49, UNEXEC_UNSUPPORTED, "memory that the kernel treats differently in the dump") \
	X(CORE, 50, UNEXEC_UNSUPPORTED, "state that a core file does not record") \
	X(CORE_FILE, 51, UNEXEC_UNSUPPORTED, "a mapped file that a core lacks, and its current state") \
	X(SETTING, 52, UNEXEC_UNSUPPORTED, "a setting of the process that the dump lacks") \
	X(ENVIRONMENT, 53, UNEXEC_UNSUPPORTED, "variables of the environment that are not the start's") \
	X(READ, 60, UNEXEC_SYSTEM, "the process could not be read") \
	X(WRITE, 61, UNEXEC_SYSTEM, "the file could not be written") \
	X(TARGET, 62, UNEXEC_SYSTEM, "the target cannot be replaced") \
	X(FORMAT, 63, UNEXEC_MALFORMED, "a file has the wrong format or is damaged")

enum unexec_code {
#define UNEXEC_CODE_(name, code, status, text) UNEXEC_CODE_##name = code,
	UNEXEC_DIAGNOSTICS(UNEXEC_CODE_)
#undef UNEXEC_CODE_
	UNEXEC_CODE_NONE = 0 /* of the last entry in a full report */
};

/* One entry of a report. */
struct unexec_diagnostic {
	enum unexec_severity severity;
	enum unexec_code code;
	enum unexec_stage stage;
	int error;           /* the errno that caused it, or 0 */
	uint64_t start, end; /* the address range concerned, end exclusive; both 0 for none */
	const char *text;    /* one line without a newline; owned by the report */
};

/* An ordered list of diagnostics, owned by the caller. unexec_dump empties it first. It holds
 * warnings after success, too. Only one thread at a time may use a report. */
struct unexec_report;

/* Returns a new, empty report, or NULL if there is no memory. Free it with unexec_report_free.
 * All of its memory is allocated here, so adding diagnostics never fails. If a report is full,
 * its last entry has UNEXEC_CODE_NONE and a text with the number of the others. */
struct unexec_report *unexec_report_new(void);

/* Frees a report and its texts. `report` may be NULL. */
void unexec_report_free(struct unexec_report *report);

/* Returns the number of diagnostics, or 0 if `report` is NULL. */
size_t unexec_report_count(const struct unexec_report *report);

/* Stores diagnostic number `index`, counted from 0, in *ret_diagnostic, and returns 0. If
 * there is none of that index, it stores nothing and returns UNEXEC_INVALID. The text remains
 * valid until the report is passed to unexec_dump again or freed. */
int unexec_report_get(const struct unexec_report *report, size_t index,
		      struct unexec_diagnostic *ret_diagnostic);

/* Prints each diagnostic on its own line, "unexec: PATH: SEVERITY: TEXT", with the path of the
 * dump. If the report was never passed to unexec_dump, nothing is printed. */
void unexec_report_print(const struct unexec_report *report, FILE *stream);

/* ---- Dumping ------------------------------------------------------------------------- */

/* The place where a dump resumes. */
enum unexec_entry {
	UNEXEC_CONTINUE = 0, /* unexec_dump returns a second time, like fork */
	UNEXEC_MAIN = 1,     /* main is called again, with the new arguments */
	UNEXEC_FUNCTION = 2  /* options.function is called, with the new arguments */
};

/* The policy for all threads except the calling one. */
enum unexec_threads {
	UNEXEC_THREADS_DEFAULT = 0, /* KEEP with UNEXEC_CONTINUE, REFUSE with other entries */
	UNEXEC_THREADS_REFUSE = 1,  /* no dump is made; the report names each thread */
	UNEXEC_THREADS_KEEP = 2,    /* they resume in the dump where they were */
	UNEXEC_THREADS_LEAVE = 3    /* the dump lacks them; locks that they hold stay locked */
};

/* The policy for a descriptor. The default, UNEXEC_FD_RECREATE, works for regular files and
 * directories that have a name, common devices, pipes and socket pairs with both ends in the
 * process, listening sockets, eventfd, epoll, timerfd, signalfd, inotify, memfd, and
 * duplicates of all these; libunexec(7) has the whole list. Descriptors that were open before main
 * are inherited from the new process unless a policy is set for their number. No policy applies to
 * 0, 1 and 2: they are always inherited. */
enum unexec_fd_policy {
	UNEXEC_FD_RECREATE = 0, /* opened or created again; no dump if that is impossible */
	UNEXEC_FD_CLOSE = 1,    /* closed */
	UNEXEC_FD_NULL = 2,     /* /dev/null */
	UNEXEC_FD_KEEP = 3,     /* inherited from the process that starts the dump */
	UNEXEC_FD_HANGUP = 4,   /* a connection that its peer has closed: the number stays taken,
				 * reads return 0, writes fail with EPIPE, epoll sets report it */

	UNEXEC_FD_REFUSE = UNEXEC_FD_RECREATE /* deprecated name */
};

/* The policy for open files that are missing or have changed when the dump starts. "Changed"
 * means another size or modification time. */
enum unexec_files {
	UNEXEC_FILES_NAME = 0, /* fail if a file is missing; if one has changed, print its name
				  on stderr, unless the program only appends to it */
	UNEXEC_FILES_SAME = 1, /* fail if a file is missing or has changed */
	UNEXEC_FILES_ANY = 2,  /* replace a missing file by /dev/null; ignore changes */
	UNEXEC_FILES_TRUNCATE = 3 /* as NAME, but truncate a file that is open for writing to the
				  size that it had at the dump; fail if it is shorter */
};

/* The kind of memory that a dump uses for private anonymous memory: malloc, thread stacks. */
enum unexec_memory {
	UNEXEC_MEMORY_AUTO = 0, /* lazy, except what must be anonymous; a note says why */
	UNEXEC_MEMORY_LAZY = 1, /* mapped from the dump; a page is read at its first use */
	UNEXEC_MEMORY_COPY = 2  /* anonymous; all of it is read at the start */
};

/* Bits for protections of the process that the dump may lose. If its bit is not set, a
 * protection is preserved or no dump is made. A dump that preserves one fails to start on a
 * kernel that lacks it. */
enum unexec_lose {
	UNEXEC_LOSE_SECCOMP = 1,  /* filters that were installed after the library was loaded */
	UNEXEC_LOSE_DISPATCH = 2, /* syscall user dispatch, which only `unexec` can see */
	UNEXEC_LOSE_MDWE = 4,     /* PR_SET_MDWE; preserved */
	UNEXEC_LOSE_MSEAL = 8,    /* mseal(2); preserved */
	UNEXEC_LOSE_SECUREBITS = 16, /* PR_SET_SECUREBITS; preserved if the starter may set it */
	UNEXEC_LOSE_RIGHTS = 32   /* that the process has given up user IDs or capabilities;
				     preserved, unless its threads differ in them */
};

/* The policy for children of the process: of any of its threads, running, or ended and not yet
 * waited for. A dump lacks them: a wait for one fails there (ECHILD), which programs take for
 * success, and its number may be another process's. */
enum unexec_children {
	UNEXEC_CHILDREN_REFUSE = 0, /* no dump is made; the report names each child */
	UNEXEC_CHILDREN_IGNORE = 1  /* a warning names each child */
};

/* The policy for standard input, if it is a regular file. */
enum unexec_stdin {
	UNEXEC_STDIN_INHERIT = 0, /* a start reads it from where its starter has put it */
	UNEXEC_STDIN_OFFSET = 1   /* if a start has the same file, or one of the same size and
				     modification time, it continues at the offset of the dump;
				     a warning names bytes in a pipe, which the dump lacks */
};

/* The name of the program in a start: argv[0], libc's program_invocation_name, and the name of the
 * process. */
enum unexec_argv0 {
	UNEXEC_ARGV0_NEW = 0, /* as the start is called */
	UNEXEC_ARGV0_KEEP = 1 /* as this process was called */
};

/* The working directory of a start. */
enum unexec_directory {
	UNEXEC_DIRECTORY_INHERIT = 0, /* the starter's */
	UNEXEC_DIRECTORY_KEEP = 1     /* that of this process; the start fails if it is missing */
};

/* The environment of a start. MERGE and NEW replace `environ`: an interpreter that frees the array
 * of its environment must be told. */
enum unexec_environment {
	UNEXEC_ENVIRONMENT_MERGE = 0, /* the new one, with the variables that the program itself
				       * has set, changed or removed laid on top */
	UNEXEC_ENVIRONMENT_NEW = 1,   /* the new one */
	UNEXEC_ENVIRONMENT_KEEP = 2   /* the program's, as it is */
};

/* The process ID of a start. KEEP: the start makes a child with the ID that this process has, and
 * its threads get their old TIDs. Their parent, the starter's process, passes on the signals that
 * processes send to it, stops, continues and ends like the child. The starter needs
 * CAP_CHECKPOINT_RESTORE (CAP_SYS_ADMIN before Linux 5.9) or a PID namespace of its own. If the ID
 * cannot be had, the start fails with a message. */
enum unexec_pid {
	UNEXEC_PID_NEW = 0, /* any, chosen by the kernel */
	UNEXEC_PID_KEEP = 1
};

/* The pages that a start prefaults, which is faster than a fault at the first write to each. A page
 * that is never written costs time and memory in vain. `unexec tune` replaces the choice by the pages
 * that a run has written. */
enum unexec_prefault {
	UNEXEC_PREFAULT_AUTO = 0, /* those that each start writes; where the start measures that
				   * faults are dear, all, if there are 2 to 32 MB of them */
	UNEXEC_PREFAULT_ALL = 1,  /* all that the process has written */
	UNEXEC_PREFAULT_NONE = 2
};

/* Set .size to sizeof(struct unexec_options). Zero in any other member selects the default.
 *
 * The library accepts the struct of any earlier or later version. If it is shorter, the
 * missing members are zero. If it is longer, all bytes that this version does not know must be
 * zero; otherwise unexec_dump returns UNEXEC_INVALID, and the diagnostic names the first other
 * byte. */
struct unexec_options {
	size_t size;
	enum unexec_entry entry;
	/* For UNEXEC_FUNCTION. The return value is the exit status, as with main. */
	int (*function)(int argc, char **argv, char **envp);
	enum unexec_threads threads;
	/* The policy for descriptors that cannot be recreated and have no policy of their own:
	 * connected sockets, pipes to other processes, … Unless it is UNEXEC_FD_RECREATE, a
	 * warning names each such descriptor. */
	enum unexec_fd_policy descriptors;
	enum unexec_files files;
	/* Nonzero empties the strings of this process's environment and arguments in the dump.
	 * Pointers to them remain valid. Copies that the program has made stay. */
	int scrub_environment;
	enum unexec_memory memory;
	unsigned lose; /* of enum unexec_lose, joined by | */
	enum unexec_children children;
	enum unexec_stdin standard_input;
	enum unexec_environment environment;
	enum unexec_pid pid;
	enum unexec_prefault prefault;
	enum unexec_directory directory;
	enum unexec_argv0 argv0;
};

/* Writes this process as an executable at `path`.
 *
 * Functions of unexec_on_dump run first, then stdio streams are flushed: all of them, or with
 * other threads those that no thread holds and that lead to a regular file, stdout or stderr.
 * The dump holds the state of the process after that. A program that has other output buffers
 * must flush them in a function of unexec_on_dump, or the dump writes their content again.
 *
 * The original continues undisturbed. There, the call returns UNEXEC_DUMPED after the file is
 * complete and synced to disk. In each start of the file, it returns UNEXEC_RESUMED, unless
 * options->entry selects main or a function. These are called on the original's first stack,
 * just below the frames of libc's startup code, or, if UNEXEC_THREADS_KEEP is set and another
 * thread than the first called unexec_dump, on the stack of the caller. Their return value is
 * passed to exit().
 *
 * The file is written beside `path`, synced, and renamed, so it appears in one step. After a
 * failure, an existing file is untouched. Symbolic links are followed, also one whose target
 * does not exist yet. Only a regular file is replaced: not a directory, device or pipe, and
 * not an open file through a link of /proc (/proc/self/exe, /proc/self/fd/1, /dev/stdout).
 *
 * `options` may be NULL, for the defaults. `report` may be NULL: then errors and warnings are
 * printed on stderr, one line each.
 *
 * Returns UNEXEC_DUMPED or UNEXEC_RESUMED, or a negative enum unexec_status if no dump was
 * made; any of these can occur. errno is preserved. It is no cancellation point, and is not
 * async-signal-safe. */
int unexec_dump(const char *path, const struct unexec_options *options,
		struct unexec_report *report);

/* Emacs's call: writes this process to `new_name`; the dump calls main again. `old_name`, once
 * the file with the symbols, is ignored and may be NULL. Returns 0, or -1 with errno: EINVAL,
 * ENOMEM, ENOTSUP, EPERM (vetoed), EBUSY, EBADMSG, or the errno of the system call that failed
 * (EIO if it is unknown). Errors and warnings are printed on stderr. */
int unexec(const char *new_name, const char *old_name);

/* Returns 0 in a process that is not a dump, 1 in a dump, 2 in a dump of a dump, … */
int unexec_generation(void);

/* Stores the arguments and the environment that this process was started with. In a dump they
 * differ from those that main got in the original. Any pointer may be NULL. (*argv)[*argc] and
 * the last pointer in *envp are NULL. The storage lives as long as the process. */
void unexec_arguments(int *argc, char ***argv, char ***envp);

/* ---- Registrations ------------------------------------------------------------------- */

/* Registrations cannot be removed. They remain in a dump, for dumps of it. These functions
 * take no locks: only one thread at a time may call them, and none during a dump. */

/* Registers fn(arg) to run in this process before each dump. The last registered runs first.
 * If one returns nonzero, the rest do not run, and unexec_dump returns UNEXEC_VETOED.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_dump(int (*fn)(void *), void *arg);

/* Registers fn to run in the original after each dump, before unexec_dump returns `status`.
 * The first registered runs first. Use it to undo what a function of unexec_on_dump did, such
 * as closing a connection. It runs whenever unexec_dump has started to call those, even if one
 * of them vetoed the dump. It does not run if unexec_dump returns earlier (UNEXEC_BUSY, wrong
 * options), and not in the dump.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_dumped(void (*fn)(int status, void *arg), void *arg);

/* Registers fn(arg) to run in each start of a dump, in the thread that called unexec_dump,
 * before that call returns or main or a function is called. The first registered runs first.
 * All signals of the thread are blocked. unexec_arguments and the environment are already the
 * new ones, and other threads already run: one of them may hold a lock that fn needs, such as
 * malloc's. Use it to reseed random generators, to open connections, and to discard what was
 * true only in the original.
 * Returns 0, UNEXEC_INVALID (fn is NULL) or UNEXEC_NOMEM. */
int unexec_on_resume(void (*fn)(void *), void *arg);

/* Makes the `length` bytes at `start` zero in all future dumps: secrets, caches. The process
 * itself keeps them. Whole pages take no space in the file, and large empty reservations cost
 * nothing. At each dump, the range must be mapped, writable and not shared with a file;
 * otherwise unexec_dump returns UNEXEC_INVALID and names the range.
 * Returns 0, UNEXEC_INVALID (the range is empty or wraps around) or UNEXEC_NOMEM. */
int unexec_exclude(void *start, size_t length);

/* Sets the policy for descriptor number `fd` in future dumps, even if it is closed and
 * reopened. It replaces an earlier policy or hook; UNEXEC_FD_RECREATE restores the default.
 * With any other policy, the other end of its pipe or socket pair counts as a connection to
 * another process; and epoll sets of the dump do not contain `fd`, except with
 * UNEXEC_FD_HANGUP.
 * Returns 0, UNEXEC_INVALID (fd is less than 3, or there is no such policy) or UNEXEC_NOMEM. */
int unexec_set_fd_policy(int fd, enum unexec_fd_policy policy);

/* Sets a function that supplies descriptor number `fd` in each start of future dumps, in which
 * `fd` is closed at first. fn(arg, fd) runs before the functions of unexec_on_resume and under
 * the same conditions. It returns a descriptor, which is moved to number `fd` and keeps its
 * FD_CLOEXEC, or a negative number, which leaves `fd` closed.
 * Returns 0, UNEXEC_INVALID (fd is less than 3, or fn is NULL) or UNEXEC_NOMEM. */
int unexec_set_fd_hook(int fd, int (*fn)(void *arg, int fd), void *arg);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
