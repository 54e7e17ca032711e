/* SPDX-License-Identifier: MIT
 *
 * The handoff: what the library tells the unexec program about the process, and how the
 * program answers. A struct handoff lies in the memory of the frozen copy; the writer
 * reads it through the descriptor of /proc/self/mem that the copy opened.
 */
#ifndef SHARED_HANDOFF_H
#define SHARED_HANDOFF_H

#include <stdint.h>

#include "plan.h"

#define HANDOFF_MAGIC UINT64_C(0x66666f646e616875)
#define HANDOFF_VERSION 7

/* The hidden verb of the unexec program: `unexec @write MEM-FD ADDRESS`. */
#define HANDOFF_VERB "@write"

/* Descriptors that the copy opens, all in the copy's own right, and hands to the writer. */
struct handoff_fds {
	int32_t mem;     /* /proc/self/mem of the copy */
	int32_t pagemap; /* /proc/self/pagemap of the copy */
	int32_t proc;    /* /proc/self of the copy, a directory */
	int32_t smaps;   /* /proc/self/smaps of the original: what is shared, what is not copied */
	int32_t original; /* /proc/self of the original, a directory */
	int32_t answer;  /* where the writer's messages go */
};

#define HANDOFF_NO_DUMPER UINT32_MAX
#define HANDOFF_ALL_RESIDENT UINT64_MAX

/* The kernel's struct sigaction of signal index+1 (rt_sigaction with 8 bytes of mask). */
struct handoff_signal {
	uint64_t handler, flags, restorer, mask;
};
#define HANDOFF_SIGNALS 64

/* What becomes of a descriptor: enum unexec_fd_policy and what only the library knows. */
enum handoff_fd {
	HANDOFF_FD_RECREATE = 0,
	HANDOFF_FD_CLOSE = 1,
	HANDOFF_FD_NULL = 2,
	HANDOFF_FD_KEEP = 3,
	HANDOFF_FD_HOOK = 4
};

/* What the program said about a descriptor; a list in its memory. */
struct handoff_policy {
	uint64_t next; /* address, or 0 */
	int32_t number;
	uint32_t policy; /* handoff_fd */
};

/* What is excluded; a list in the program's memory. Private memory is zero there in the copy;
 * of shared memory the writer leaves it out. */
struct handoff_excluded {
	uint64_t next; /* address, or 0 */
	uint64_t start, end;
	uint64_t checked; /* exclude.c: up to here it is known to be writable */
};

/* Addresses in shared memory of pages that the page cache has, in order; see copy.c. */
struct handoff_resident {
	uint64_t start, end;
};

/* What timer_gettime says of a POSIX timer; the rest is in /proc. */
struct handoff_timer {
	int32_t number;
	uint32_t pad;
	uint64_t interval_s, interval_ns, left_s, left_ns;
};

enum handoff_thread_state {
	HANDOFF_GONE = 0,   /* it ended before it was parked */
	HANDOFF_CALLED = 1, /* it was sent the signal, and has not come */
	HANDOFF_PARKED = 2, /* it lies still, its registers are in a signal frame */
	HANDOFF_AWAY = 3,   /* it could not be called, or came from within the vDSO */
	HANDOFF_COMING = 4  /* it has come, and is about to lie still */
};

/* A thread, as it described itself when it was parked. */
struct handoff_thread {
	uint32_t tid;
	uint32_t state;
	uint64_t frame; /* the stack pointer for rt_sigreturn */
	uint64_t thread_pointer, thread_pointer_2;
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_length;
	uint64_t rseq; /* 0: none */
	uint64_t deadline; /* where -EINTR lies if it waited for a time of the monotonic clock */
	uint32_t policy, priority; /* sched_getscheduler, sched_getparam */
	int32_t nice;
	uint32_t task; /* its number in /proc, where that is another; else 0 */
	uint64_t affinity[16];     /* sched_getaffinity; all zero: not known */
	uint32_t has_ring; /* not 0: an io_uring is registered for it, see HANDOFF_RING_SLOTS */
	uint32_t pad;
};

/* A thread may know io_urings by numbers below this (IORING_REGISTER_RING_FDS, since 5.18), which
 * io_uring_enter takes with this flag: EBADF where there is none, EINVAL where there can be none. */
#define HANDOFF_RING_SLOTS 16
#define HANDOFF_ENTER_RING 0x10

struct handoff {
	uint64_t magic;
	uint32_t version;
	uint32_t size;    /* sizeof(struct handoff) */
	uint32_t machine; /* e_machine */
	uint32_t generation; /* of the dump that is made */
	uint64_t path;       /* address of the target's name, ends in NUL */
	struct handoff_fds fds;
	int32_t original_fds[2]; /* more descriptors of ours that are not the program's, or -1 */

	uint64_t boot;  /* address of the struct boot that the restarter fills */
	uint64_t threads; /* address of an array of struct handoff_thread */
	uint32_t thread_count;
	uint32_t dumper;  /* index of the thread that called, or HANDOFF_NO_DUMPER */
	uint32_t pid;     /* the TID of the thread that main runs in */
	uint32_t threads_wanted; /* enum unexec_threads, never the default */
	uint32_t rseq_length, rseq_signature;
	uint64_t brk; /* sbrk(0), as the kernel has it */
	uint64_t vdso;  /* where the program believes the vDSO to be; 0: none */
	uint64_t slots; /* the bridge's slots, when the program is a dump itself; else 0 */
	uint64_t stack_limit; /* RLIMIT_STACK, soft */
	uint32_t dumpable, subreaper, thp_disable, membarrier;
	uint64_t timer_slack, pending;
	uint64_t permitted; /* see plan_registers */
	uint64_t close_on_exec; /* address of a byte for each descriptor: 1 when it has FD_CLOEXEC */
	uint64_t timers;        /* address of the first struct handoff_timer */
	uint64_t policies;      /* address of the first struct handoff_policy; 0: none */
	uint64_t excluded;      /* address of the first struct handoff_excluded; 0: none */
	uint64_t resident;      /* address of an array of struct handoff_resident */
	uint64_t resident_count; /* HANDOFF_ALL_RESIDENT: it could not be told */
	uint32_t close_on_exec_count;
	uint32_t fd_policy; /* handoff_fd, for descriptors that cannot be made again */
	uint32_t timer_count;
	/* Addresses of what libc remembers of the process, 0: it does not: environ,
	 * program_invocation_name and _short_name, the brk that sbrk goes by; and of argc at
	 * the top of the first program's stack. */
	uint64_t environment, name, short_name, brk_memory, first_stack;
	uint32_t files; /* enum unexec_files */
	/* Not 0: state that main sets up again is as after execve(). The start restores no
	 * descriptors, timers or signal dispositions, and does not call the functions that the
	 * program itself (not its libraries) has given to atexit(). */
	uint32_t reset_as_exec;
	/* With `reset_as_exec`: the library's own __cxa_atexit entry, which identifies libc's
	 * list. */
	uint64_t exit_mark, exit_function;
	uint32_t scrub; /* strings of environment and arguments are left out */
	uint32_t memory; /* enum unexec_memory */
	uint32_t lock_future, memory_merge; /* as in struct plan_process */
	struct plan_itimer itimers[3]; /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
	struct handoff_signal signals[HANDOFF_SIGNALS];
};

/* The writer's answers: records, each written with one write() of at most HANDOFF_RECORD
 * bytes (less than PIPE_BUF, so they never mix). */
#define HANDOFF_RECORD 1024
enum handoff_answer {
	HANDOFF_CAPTURED = 1,   /* all but memory has been read: the original may go on */
	HANDOFF_DIAGNOSTIC = 2, /* one entry of the report */
	HANDOFF_DONE = 3,       /* the last of the writer: `error` is the status */
	HANDOFF_ENDED = 4       /* of the copy: `error` is the writer's wait status */
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
