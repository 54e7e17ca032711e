/* SPDX-License-Identifier: MIT
 *
 * The handoff: the library's description of the process for the unexec program, and the
 * program's answers. A struct handoff lies in the memory of the frozen copy. The writer reads
 * it through the copy's descriptor of /proc/self/mem.
 */
#ifndef SHARED_HANDOFF_H
#define SHARED_HANDOFF_H

#include <stdint.h>

#include "plan.h"

#define HANDOFF_MAGIC UINT64_C(0x66666f646e616875)
#define HANDOFF_VERSION 18

/* The hidden verb of the unexec program: `unexec @write MEM-FD ADDRESS`. */
#define HANDOFF_VERB "@write"

/* Descriptors that the copy opens with its own rights and passes to the writer. */
struct handoff_fds {
	int32_t mem;     /* /proc/self/mem of the copy */
	int32_t pagemap; /* /proc/self/pagemap of the copy */
	int32_t proc;    /* /proc/self of the copy, a directory */
	int32_t smaps;   /* /proc/self/smaps of the original: shared and excluded mappings */
	int32_t original; /* /proc/self of the original, a directory */
	int32_t answer;  /* for the writer's answers */
};

#define HANDOFF_NO_DUMPER UINT32_MAX
#define HANDOFF_ALL_RESIDENT UINT64_MAX

/* The kernel's struct sigaction of signal index+1 (rt_sigaction with 8 bytes of mask). */
struct handoff_signal {
	uint64_t handler, flags, restorer, mask;
};
#define HANDOFF_SIGNALS 64

/* The policy of a descriptor: enum unexec_fd_policy, and hooks. */
enum handoff_fd {
	HANDOFF_FD_RECREATE = 0,
	HANDOFF_FD_CLOSE = 1,
	HANDOFF_FD_NULL = 2,
	HANDOFF_FD_KEEP = 3,
	HANDOFF_FD_HANGUP = 4,
	HANDOFF_FD_HOOK = 5
};

/* Policies of the working directory besides enum unexec_directory: it is kept if it is not that of
 * the unexec program, or of the process's parent; a start without it warns. */
enum handoff_directory { HANDOFF_DIRECTORY_UNLIKE_OURS = 2, HANDOFF_DIRECTORY_UNLIKE_PARENT = 3 };

/* A policy that the program has set; a list in its memory. */
struct handoff_policy {
	uint64_t next; /* address, or 0 */
	int32_t number;
	uint32_t policy; /* handoff_fd */
};

/* A descriptor that the process has been started with; and a child that it had before. */
struct handoff_inherited {
	int32_t number;
	uint32_t pad;
	uint64_t device, inode;
};
struct handoff_child {
	int32_t pid;
	uint32_t pad;
	uint64_t start; /* the time at which it began, as in its stat file in /proc */
};

/* An excluded range; a list in the program's memory. The copy zeroes private memory; the writer
 * omits shared memory. */
struct handoff_excluded {
	uint64_t next; /* address, or 0 */
	uint64_t start, end;
	uint64_t checked; /* exclude.c: writable up to here */
};

/* A range of shared memory whose pages are in the page cache, in order of addresses; see
 * shared.c. */
struct handoff_resident {
	uint64_t start, end;
};

/* The result of timer_gettime for a POSIX timer; /proc has the rest. */
struct handoff_timer {
	int32_t number;
	uint32_t pad;
	uint64_t interval_s, interval_ns, left_s, left_ns;
};

/* A signal in the queue of a thread, or of the process. */
struct handoff_queued {
	uint32_t tid; /* 0: of the process */
	uint32_t pad;
	uint64_t info[PLAN_SIGINFO_WORDS]; /* the kernel's siginfo_t */
};

enum handoff_thread_state {
	HANDOFF_GONE = 0,   /* it ended before it was parked */
	HANDOFF_CALLED = 1, /* it was sent the signal and has not answered yet */
	HANDOFF_PARKED = 2, /* it is parked; its registers are in a signal frame */
	HANDOFF_AWAY = 3,   /* it could not be signalled, or was inside the vDSO */
	HANDOFF_COMING = 4  /* it has answered and is about to park */
};

/* Keyrings that a thread has, by keyctl(KEYCTL_GET_KEYRING_ID). */
enum handoff_keyrings { HANDOFF_THREAD_KEYRING = 1, HANDOFF_PROCESS_KEYRING = 2 };

/* Settings that the kernel has for each thread; a new one inherits them from the thread that makes
 * it, except the first. */
struct handoff_settings {
	uint32_t parent_death_signal, tsc, memory_failure; /* as in struct plan_settings */
	uint32_t personality;   /* all bits */
	uint32_t memory_policy; /* get_mempolicy; 0: none, or unknown */
	uint32_t keyrings;      /* handoff_keyrings */
};

/* A thread's description of itself when it was parked. */
struct handoff_thread {
	uint32_t tid;
	uint32_t state;
	uint64_t frame; /* the stack pointer for rt_sigreturn */
	uint64_t thread_pointer, thread_pointer_2;
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_length;
	uint64_t rseq; /* 0: none */
	uint64_t deadline; /* address of -EINTR if it waited until a time of CLOCK_MONOTONIC */
	uint32_t policy, priority; /* sched_getscheduler, sched_getparam */
	int32_t nice;
	uint32_t task; /* its number in /proc, if that differs; else 0 */
	uint64_t affinity[16];     /* sched_getaffinity; all zero: unknown */
	uint32_t has_ring; /* not 0: it has registered an io_uring, see HANDOFF_RING_SLOTS */
	uint32_t pad;
	uint64_t timer_slack; /* PR_GET_TIMERSLACK */
	struct handoff_settings settings;
};

/* A thread may register io_urings under numbers below this (IORING_REGISTER_RING_FDS, since
 * 5.18). With this flag, io_uring_enter takes such a number; EBADF: it is free, EINVAL: the
 * kernel has no such registrations. */
#define HANDOFF_RING_SLOTS 16
#define HANDOFF_ENTER_RING 0x10

struct handoff {
	uint64_t magic;
	uint32_t version;
	uint32_t size;    /* sizeof(struct handoff) */
	uint32_t machine; /* e_machine */
	uint32_t generation; /* of the new dump */
	uint64_t path;       /* address of the dump's file name, NUL-terminated */
	struct handoff_fds fds;
	int32_t original_fds[2]; /* other descriptors of the library, or -1; not the program's */

	uint64_t boot;  /* address of the struct boot that the restarter fills */
	uint64_t threads; /* address of an array of struct handoff_thread */
	uint32_t thread_count;
	uint32_t dumper;  /* index of the calling thread, or HANDOFF_NO_DUMPER */
	uint32_t pid;     /* the TID of main's thread */
	uint32_t threads_wanted; /* enum unexec_threads, never the default */
	uint32_t rseq_length, rseq_signature;
	uint64_t brk; /* the kernel's, as sbrk(0) */
	uint64_t vdso;  /* the address of the vDSO that libc knows; 0: none */
	uint64_t slots; /* the vDSO proxy's slots if the process is a dump itself; else 0 */
	uint64_t stack_limit; /* RLIMIT_STACK, soft */
	uint32_t dumpable, subreaper, thp_disable, membarrier;
	uint64_t timer_slack, pending;
	uint64_t permitted; /* see plan_registers */
	uint64_t close_on_exec; /* address of one byte for each descriptor: FD_CLOEXEC */
	uint64_t timers;        /* address of the first struct handoff_timer */
	uint64_t policies;      /* address of the first struct handoff_policy; 0: none */
	uint64_t inherited;     /* address of an array of struct handoff_inherited */
	uint64_t inherited_count;
	uint64_t excluded;      /* address of the first struct handoff_excluded; 0: none */
	uint64_t resident;      /* address of an array of struct handoff_resident */
	uint64_t resident_count; /* HANDOFF_ALL_RESIDENT: unknown */
	uint32_t close_on_exec_count;
	uint32_t fd_policy; /* handoff_fd, for descriptors that cannot be recreated */
	uint32_t timer_count;
	/* Addresses of variables of libc, or 0: environ, program_invocation_name and
	 * _short_name, the brk of sbrk(); and of argc at the top of the first program's
	 * stack. */
	uint64_t environment, name, short_name, brk_memory, first_stack;
	uint32_t files; /* enum unexec_files */
	/* Not 0: state that main sets up again is as after execve(). The start restores no
	 * descriptors, timers or signal dispositions, and does not call the functions that
	 * the program itself (not its libraries) has given to atexit(). */
	uint32_t reset_as_exec;
	/* With reset_as_exec: the library's own entry of __cxa_atexit(), which identifies
	 * libc's list. */
	uint64_t exit_mark, exit_function;
	uint32_t scrub; /* omits the strings of environment and arguments */
	uint32_t memory; /* enum unexec_memory */
	uint32_t lock_future, memory_merge; /* as in struct plan_process */
	uint32_t mdwe, securebits; /* as in struct plan_protection */
	uint32_t lose; /* enum unexec_lose */
	/* The number of seccomp filters that are not the program's own: those that it had when
	 * the library was loaded, or that the unexec program has as well. */
	uint32_t inherited_filters;
	uint32_t children; /* enum unexec_children */
	uint32_t standard_input; /* enum unexec_stdin */
	uint32_t environment_policy; /* enum unexec_environment */
	uint32_t keep_ids; /* enum unexec_pid */
	uint32_t prefault; /* enum unexec_prefault */
	uint32_t directory; /* enum unexec_directory, handoff_directory */
	uint32_t argv0;     /* enum unexec_argv0 */
	uint32_t argv0_pad;
	uint64_t read_ahead; /* bytes that stdin has read ahead, which a start discards */
	uint64_t queued; /* address of an array of struct handoff_queued */
	uint32_t queued_count, queued_pad;
	struct plan_itimer itimers[3]; /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
	struct handoff_signal signals[HANDOFF_SIGNALS];
};

/* The writer's answers are records. One write() writes each, of at most HANDOFF_RECORD bytes
 * (less than PIPE_BUF, so that records never mix). */
#define HANDOFF_RECORD 1024
enum handoff_answer {
	HANDOFF_CAPTURED = 1,   /* all except memory has been read: the original may go on */
	HANDOFF_DIAGNOSTIC = 2, /* one entry of the report */
	HANDOFF_DONE = 3,       /* the writer's last: `error` is the status */
	HANDOFF_ENDED = 4       /* from the copy: `error` is the writer's wait status */
};
struct handoff_record {
	uint32_t size; /* of this record with its text and the NUL */
	uint32_t answer;
	uint32_t severity, code, stage;
	int32_t error;
	uint64_t start, end;
	char text[];
};
_Static_assert(sizeof(struct handoff_record) == 40, "handoff_record");

#endif
