/* SPDX-License-Identifier: MIT
 *
 * The plan: the restarter's work that ELF segments cannot describe. The unexec program writes
 * it, the restarter reads it; both know only this format. It lies in the dump after the
 * restarter's code. Fixed-width integers, no pointers, magic and version first.
 */
#ifndef SHARED_PLAN_H
#define SHARED_PLAN_H

#include <stdint.h>

#include "shared/descriptor_kinds.h"

#define PLAN_MAGIC UINT64_C(0x6e616c7078656e75) /* "unexplan" */
#define PLAN_VERSION 26

/* `count` entries, `offset` bytes from the start of the plan. */
struct plan_table {
	uint32_t offset;
	uint32_t count;
};

enum plan_op_kind {
	PLAN_ANON = 1,    /* map zeros, private, at [start, start+length) */
	PLAN_SHARED = 2,  /* map zeros: shared and anonymous */
	PLAN_FILE = 3,    /* map the file with path `source`, shared, from `offset` */
	PLAN_MOVE = 4,    /* move the pages at `source` to `start` */
	PLAN_COPY = 5,    /* copy the bytes at `source` to `start`, which is writable memory */
	PLAN_PROTECT = 6, /* give [start, start+length) the protection `prot` */
	PLAN_ADVISE = 7,  /* madvise(start, length, flags) */
	PLAN_GUARD = 8,   /* madvise(start, length, MADV_GUARD_INSTALL), or PROT_NONE */
	PLAN_LOCK = 9,    /* mlock2(start, length, flags) */
	PLAN_AIO = 10,    /* io_setup, with its ring at [start, start+length) */
	PLAN_OBJECTS = 11, /* make and map the objects of shared memory (`files`) */
	PLAN_SEAL = 12    /* mseal(start, length), at the very end */
};

/* For PLAN_ANON. */
enum plan_op_flags { PLAN_GROWSDOWN = 1, PLAN_NORESERVE = 2 };

/* One change of the address space. The restarter does them in order. */
struct plan_op {
	uint32_t kind;
	uint32_t prot;  /* for mmap: PROT_READ … */
	uint32_t flags; /* PLAN_ANON: plan_op_flags. PLAN_FILE: for open(). PLAN_ADVISE: advice.
			 * PLAN_LOCK: MLOCK_ONFAULT or 0 */
	uint32_t pad;
	uint64_t start;
	uint64_t length;
	uint64_t source; /* PLAN_MOVE, PLAN_COPY: address. PLAN_FILE: offset in the strings */
	uint64_t offset; /* PLAN_FILE: in the file. PLAN_COPY: in the dump's, same bytes */
};
_Static_assert(sizeof(struct plan_op) == 48, "plan_op");

/* A signal disposition, in the order of the kernel's struct sigaction. */
struct plan_signal {
	uint32_t number;
	uint32_t pad;
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};
_Static_assert(sizeof(struct plan_signal) == 40, "plan_signal");

/* An entry for a descriptor: makes it or changes it. The restarter handles the entries in the
 * order of these numbers. descriptor_kinds.h describes each kind. */
enum plan_file_kind {
#define PLAN_FILE_ENUM(name, ...) PLAN_FD_##name,
	DESCRIPTOR_KINDS(PLAN_FILE_ENUM)
#undef PLAN_FILE_ENUM
	PLAN_FD_KINDS /* the number of kinds */
};

enum plan_file_phase { PLAN_FILE_CREATE, PLAN_FILE_OBJECT, PLAN_FILE_CHANGE };

static inline enum plan_file_phase plan_file_phase(uint32_t kind)
{
	switch (kind) {
#define PLAN_FILE_PHASE(name, keyword, phase, ...) \
	case PLAN_FD_##name: return PLAN_FILE_##phase;
	DESCRIPTOR_KINDS(PLAN_FILE_PHASE)
#undef PLAN_FILE_PHASE
	}
	return PLAN_FILE_CHANGE;
}

/* Shared memory without a name in a file system, and deleted files. The entries of one object are
 * adjacent: a PLAN_FD_MEMORY or PLAN_FD_UNNAMED, and others with its number. PLAN_OBJECTS handles
 * them. */
static inline int plan_is_object(uint32_t kind)
{
	return plan_file_phase(kind) == PLAN_FILE_OBJECT;
}

enum plan_lock { PLAN_LOCK_FLOCK = 0, PLAN_LOCK_POSIX = 1, PLAN_LOCK_OFD = 2 };

/* How an option of a socket is set. */
enum plan_option_how {
	PLAN_OPTION_MUST = 1,   /* a start that cannot set it fails; otherwise it warns */
	PLAN_OPTION_BUFFER = 2, /* to half of the value, which the kernel doubles */
	PLAN_OPTION_FILTER = 4  /* the value is a list of struct sock_filter */
};

/* What a start does about a file that has changed. */
enum plan_check {
	PLAN_CHECK_NAME = 0,    /* a warning */
	PLAN_CHECK_STOP = 1,    /* an error */
	PLAN_CHECK_TRUNCATE = 2 /* a longer one is truncated; a shorter one is an error */
};

#define PLAN_NO_OFFSET UINT64_MAX
/* In the length of a message: its one byte is sent out of band. */
#define PLAN_MESSAGE_URGENT UINT32_C(0x80000000)
/* There too: descriptors are sent with it. It begins with their number and their numbers, of 32 bits
 * each. */
#define PLAN_MESSAGE_RIGHTS UINT32_C(0x40000000)
#define PLAN_RIGHTS 253 /* the kernel's limit, SCM_MAX_FD */
#define PLAN_SAME_OWNER UINT32_MAX

struct plan_file {
	uint32_t kind;   /* plan_file_kind */
	int32_t number;  /* the descriptor that is made or changed */
	uint32_t flags;  /* for open(); never O_CREAT, O_EXCL, O_TRUNC */
	int32_t other;   /* PIPE, PAIR: the other end; 0: closed. CONNECTION, PENDING: the client */
	uint32_t other_flags;
	uint32_t path;   /* offset in the strings */
	uint32_t data;   /* the same */
	uint32_t length; /* of the data; if it is sent: messages, each after a 32-bit length */
	uint64_t offset; /* file position, or PLAN_NO_OFFSET */
	union {
		struct { uint64_t size, time, policy; } check; /* mtime in nanoseconds;
								* plan_check */
		struct { uint64_t device, inode, size, time; } input; /* device: major, minor */
		struct { uint64_t capacity, end; } pipe; /* end: O_RDONLY, O_WRONLY, O_RDWR: what
							  * `number` is */
		struct { uint64_t domain, type, protocol; } socket; /* also for PAIR */
		struct { uint64_t count, semaphore; } event;
		struct { uint64_t clock, flags, value, interval, ticks; } timer; /* nanoseconds */
		struct { uint64_t mask; } signal;
		struct { uint64_t flags, size; } memory; /* flags of memfd_create */
		struct { uint64_t flags, entries, completions, idle, count; } ring;
		struct { uint64_t opcode, count; } registered;
		struct { uint64_t level, name, how; } option; /* plan_option_how */
		struct { uint64_t mode, optional; } bind; /* mode: of its file; 0: by the umask.
							   * optional: a failure is a warning */
		struct { uint64_t backlog; } listen;
		struct { uint64_t listener; } connection;
		struct { uint64_t how; } shutdown;
		struct { uint64_t source, length; } fill; /* to `offset` */
		struct { uint64_t seals; } seal;
		struct { uint64_t start, length, prot; } map; /* from `offset` */
		struct { uint64_t mask, watch; } notify;
		struct { uint64_t size, packet, hung_up; } pty; /* size: a struct winsize */
		struct { uint64_t mode, user, group, accessed, modified; } status; /* nanoseconds;
				* user, group: PLAN_SAME_OWNER, that of the process */
		struct { uint64_t parameters; } epoll; /* struct epoll_params; 0: the default */
		struct { uint64_t events, data, number, disarmed; } watch; /* `number`: under which
							  * it was added, maybe that of another file */
		struct { uint64_t which, type, start, length; } lock; /* type: F_RDLCK, F_WRLCK */
	};
};
_Static_assert(sizeof(struct plan_file) == 80, "plan_file");

static inline int plan_makes_object(uint32_t kind)
{
	return kind == PLAN_FD_MEMORY || kind == PLAN_FD_UNNAMED;
}

/* Does the entry make the descriptor `number` of the program? It may also open its own file
 * again, with other flags. */
static inline int plan_makes_descriptor(const struct plan_file *file)
{
	if (plan_makes_object(file->kind))
		return file->number != 0;
	return plan_file_phase(file->kind) == PLAN_FILE_CREATE
	       && (file->kind != PLAN_FD_AGAIN || file->other != file->number);
}

/* The addresses in an io_uring's memory. The program keeps them, so the new io_uring must
 * have the same. The content of the memory follows, without zeros: pieces, each a struct
 * plan_ring_piece and its bytes. */
struct plan_ring_layout {
	uint32_t submission[10], completion[10]; /* io_sqring_offsets, io_cqring_offsets */
	uint64_t size, entries_size;             /* of the rings, of the submission entries */
};
_Static_assert(sizeof(struct plan_ring_layout) == 96, "plan_ring_layout");

struct plan_ring_piece {
	uint64_t offset; /* for mmap */
	uint64_t length;
};

/* A word of the vDSO proxy that leads to a function of the kernel's vDSO. Its saved value
 * leads to a real system call. */
struct plan_slot {
	uint64_t address;
	uint32_t name; /* offset in the strings */
	uint32_t pad;
};
_Static_assert(sizeof(struct plan_slot) == 16, "plan_slot");

/* A change that the program has made to its environment, which is laid on top of the new one. */
struct plan_variable {
	uint64_t string; /* address of the program's NAME=VALUE; 0: it has removed the variable */
	uint32_t name;   /* offset in the strings */
	uint32_t pad;
};
_Static_assert(sizeof(struct plan_variable) == 16, "plan_variable");

/* The old vDSO: data, then code, in adjacent mappings. If the new kernel's vDSO is of the
 * same build, it replaces the old one. Otherwise the vDSO proxy leads to it. */
#define PLAN_VDSO_PARTS 4
struct plan_vdso {
	uint64_t address;                 /* of the code; 0: no vDSO may be replaced */
	uint64_t start;                   /* of the first part */
	uint64_t length[PLAN_VDSO_PARTS]; /* of each mapping; the last nonzero one is the code */
	uint64_t build[4];                /* the code's build-id, padded with zeros */
};

/* A start writes the following values into the program's memory. The second column is the
 * reason why the write cannot hit the program's own data. An equal value or shape alone is no
 * proof.
 *
 *   TID     libc's copy: libc describes its place to debuggers, or the kernel clears it
 *           a lock: all of its words are as in a lock of its kind that this thread holds; a robust
 *           lock is in the thread's list. A copy of a held lock is indistinguishable from one.
 *           In musl, all such locks are in the thread's list
 *           a frame, a register: the running code of libc has loaded it from libc's copy
 *   ARGC, ARGV, ENVP, in a thread's registers: the thread is about to begin a function like main
 *   ENVP, NAME, SHORT_NAME, BRK, by the names of libc's variables: each still has the value that
 *           the kernel, or the last start, has given it; ENVP: or libc's setenv()
 *   AUXV, RANDOM   the kernel's own vector, at the top of the first stack
 *   CANARY  each word with the value is known (libc/canary.h)
 *   FORGET  libc's list, walked from an entry that the library has made
 *   slots   the vDSO proxy, in the place of the old vDSO
 *   rseq    the area that the kernel was given, or that libc's variables name
 *   512 bytes below a thread's frame: unused stack
 *   boot    the library's, or a page that the writer has added
 *
 * After that, functions of libc and other libraries write their own data: __fpurge, setvbuf,
 * tzset, functions that seed generators. With main or a function as the entry, optind
 * becomes 0. */
enum plan_fixup_kind {
	PLAN_FIXUP_TID = 1, /* 32 bits: the bits PLAN_TID_MASK become a thread's TID */
	PLAN_FIXUP_ARGC,
	PLAN_FIXUP_ARGV,
	PLAN_FIXUP_ENVP,
	PLAN_FIXUP_NAME,       /* argv[0]; unchanged without arguments */
	PLAN_FIXUP_SHORT_NAME, /* the part after its last slash */
	PLAN_FIXUP_AUXV,       /* an entry's value; unchanged if the kernel has none */
	PLAN_FIXUP_RANDOM,     /* the 16 bytes at AT_RANDOM */
	PLAN_FIXUP_BRK,        /* the brk, if the kernel refused the old one */
	PLAN_FIXUP_CANARY,     /* the stack canary */
	PLAN_FIXUP_FORGET,     /* becomes 0: the function of this entry is not called */
	PLAN_FIXUP_KINDS       /* one more than the last */
};
#define PLAN_TID_MASK UINT32_C(0x3fffffff)

/* A value in memory that is replaced by the new process's: 64 bits, unless noted. */
struct plan_fixup {
	uint64_t address;
	uint32_t kind;
	uint32_t which; /* TID: index in the threads. AUXV: the type. CANARY: which byte is always
			 * zero; 8: none */
};
_Static_assert(sizeof(struct plan_fixup) == 16, "plan_fixup");

/* The kernel's state of a thread. */
struct plan_thread {
	uint64_t frame; /* the stack pointer for rt_sigreturn */
	uint64_t thread_pointer, thread_pointer_2; /* of TLS; the second: on some machines */
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_length;
	uint64_t rseq; /* 0: none is registered */
	uint32_t rseq_length, rseq_signature;
	uint64_t tid_address;      /* of libc's copy of the TID; 0: unknown */
	uint32_t policy, priority; /* for sched_setscheduler */
	uint32_t flags;            /* plan_thread_flags */
	uint32_t name;             /* offset in the strings */
	uint32_t nice;             /* signed, for setpriority */
	uint32_t io_priority;      /* for ioprio_set; 0: the starter's */
	uint64_t timer_slack;      /* nanoseconds; 0: the process's */
	uint64_t pending;          /* signals pending for it, besides queued ones */
	uint64_t affinity[16];     /* for sched_setaffinity */
	uint32_t tid;              /* the start's thread has it; 0: any. Not for the first */
	/* As in struct plan_settings, which the first thread has. 0: they are the same, and no
	 * signal. personality: all bits, with PLAN_THREAD_PERSONALITY. */
	uint32_t parent_death_signal, tsc, memory_failure, personality, pad;
};
_Static_assert(sizeof(struct plan_thread) == 264, "plan_thread");

/* These bits of the personality weaken the process and its children: they are the starter's. */
#define PLAN_STARTERS_PERSONALITY UINT32_C(0x440000) /* ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC */

enum plan_thread_flags {
	PLAN_THREAD_DUMPER = 1,   /* it continues at once, the others wait for it at the gate;
				   * without one, they wait for each other */
	PLAN_THREAD_SCHEDULE = 2, /* policy, priority and nice are set */
	PLAN_THREAD_AFFINITY = 4,
	PLAN_THREAD_CLASS = 8,    /* policy and priority are set, and a failure is reported */
	PLAN_THREAD_PERSONALITY = 16
};

/* The kernel's state of the address space: PR_SET_MM_MAP. */
struct plan_mm {
	uint64_t start_code, end_code;
	uint64_t start_data, end_data;
	uint64_t start_brk, brk;
	uint64_t start_stack;
};

/* For setitimer: seconds and microseconds. All zero: not running. */
struct plan_itimer {
	uint64_t interval_s, interval_us, value_s, value_us;
};

/* The number of a clock for CPU time is negative: the inverted ID of the process or thread, above
 * these bits (kernel: include/linux/posix-timers.h). */
#define PLAN_CLOCK_SHIFT 3
#define PLAN_CLOCK_OF_THREAD 4

static inline int plan_is_thread_clock(uint32_t clock)
{
	return (int32_t)clock < 0 && clock & PLAN_CLOCK_OF_THREAD;
}

/* A POSIX timer (timer_create), with times for timer_settime. */
struct plan_timer {
	uint32_t number, clock; /* signed; of a thread's CPU time: PLAN_CLOCK_OF_THREAD */
	uint64_t value;         /* sigev_value */
	uint32_t signal, notify;
	uint32_t thread;        /* SIGEV_THREAD_ID: index in the threads */
	uint32_t clock_thread;  /* the thread of the clock: the same */
	uint64_t interval_s, interval_ns, left_s, left_ns;
};
_Static_assert(sizeof(struct plan_timer) == 64, "plan_timer");

/* A queued signal, in the order in which it is delivered. Signals of pending sets that are not
 * here have nothing but their number. */
#define PLAN_WHOLE_PROCESS UINT32_MAX
#define PLAN_SIGINFO_WORDS 16 /* 128 bytes on all machines */
struct plan_queued {
	uint32_t thread; /* index in the threads, or PLAN_WHOLE_PROCESS */
	uint32_t sender; /* offset of si_pid if the process has sent it itself; else 0 */
	uint64_t info[PLAN_SIGINFO_WORDS]; /* the kernel's siginfo_t */
};
_Static_assert(sizeof(struct plan_queued) == 136, "plan_queued");

/* Settings for prctl, membarrier and mlockall, as the dumped process had them. */
struct plan_process {
	uint32_t dumpable;    /* PR_GET_DUMPABLE */
	uint32_t subreaper;   /* PR_GET_CHILD_SUBREAPER */
	uint32_t thp_disable; /* PR_GET_THP_DISABLE */
	uint32_t membarrier;  /* bits of MEMBARRIER_CMD_REGISTER_… */
	uint64_t timer_slack; /* nanoseconds; 0: as inherited */
	uint64_t pending;     /* signals pending for the process, besides queued ones */
	uint32_t lock_future;  /* MCL_FUTURE, MCL_ONFAULT */
	uint32_t memory_merge; /* PR_GET_MEMORY_MERGE */
	struct plan_itimer itimers[3]; /* index: ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
};

/* More settings. All zero: they are as in a new process, or its starter's. */
struct plan_settings {
	uint32_t parent_death_signal; /* PR_GET_PDEATHSIG */
	uint32_t tsc;                 /* PR_GET_TSC */
	uint32_t memory_failure;      /* 1 + PR_MCE_KILL_GET */
	uint32_t personality;         /* bits to add to the starter's */
	uint32_t files;               /* plan_setting_files: those that are written */
	uint32_t oom_score_adj;       /* signed */
	uint32_t coredump_filter;
	uint32_t process_id; /* the start's process has it; 0: any */
	uint32_t umask;               /* 1 + umask */
	uint32_t pad;
};
_Static_assert(sizeof(struct plan_settings) == 40, "plan_settings");

enum plan_setting_files { PLAN_OOM_SCORE_ADJ = 1, PLAN_COREDUMP_FILTER = 2 }; /* in /proc/self */

/* The working directory. */
struct plan_directory {
	uint32_t path;   /* offset in the strings */
	uint32_t policy; /* plan_directory_policy */
};

enum plan_directory_policy {
	PLAN_DIRECTORY_INHERIT = 0,
	PLAN_DIRECTORY_TRY = 1, /* a failure is a warning */
	PLAN_DIRECTORY_NEED = 2 /* a failure is an error */
};

/* PR_SET_SPECULATION_CTRL: what is disabled; FORCE: for good. */
enum plan_speculation {
	PLAN_STORE_BYPASS = 1, PLAN_STORE_BYPASS_FORCE = 2,
	PLAN_INDIRECT_BRANCH = 4, PLAN_INDIRECT_BRANCH_FORCE = 8
};

/* Protections of the process. A start that cannot restore it fails. */
struct plan_protection {
	uint32_t no_new_privs;
	uint32_t mdwe;       /* PR_GET_MDWE */
	uint32_t securebits; /* PR_GET_SECUREBITS, with SECBIT_KEEP_CAPS */
	uint32_t speculation; /* plan_speculation */
};
_Static_assert(sizeof(struct plan_protection) == 16, "plan_protection");

/* The rights of a process that has given up some since execve(). A start that has more gives them
 * up, too. */
#define PLAN_GROUPS 32
struct plan_rights {
	uint32_t limited; /* 0: the process has given up none; the rest is unused */
	uint32_t users[4], groups[4]; /* real, effective, saved, file-system ID */
	uint32_t group_count;
	uint32_t group_list[PLAN_GROUPS]; /* supplementary groups */
	uint64_t permitted, effective, inheritable, bounding, ambient; /* capabilities */
};
_Static_assert(sizeof(struct plan_rights) == 208, "plan_rights");

/* Features of the CPU that the dump needs; src/arch/ defines the bits. */
#define PLAN_CPU_WORDS 9

/* The layout of vector registers in the threads' signal frames, as far as it depends on CPU
 * and kernel; src/arch/ defines it. If both are the same at the start, frames are used
 * unchanged. */
#define PLAN_STATES 32
struct plan_registers {
	uint64_t states;     /* those that the kernel saves */
	uint64_t permitted;  /* those that the process had to request, and has */
	uint64_t frame_size; /* AT_MINSIGSTKSZ; 0: the kernel has none */
	uint16_t places[PLAN_STATES], sizes[PLAN_STATES]; /* 0: unknown, or no such state */
};
_Static_assert(sizeof(struct plan_registers) == 152, "plan_registers");

/* A signal frame that a thread returns to later, from the signal handler that it is in. */
struct plan_frame {
	uint64_t address;
};
_Static_assert(sizeof(struct plan_frame) == 8, "plan_frame");

/* Pages that a start prefaults: one word for each run of pages, with their number in the low bits
 * of the address. There is room for so many words. */
#define PLAN_PREFAULT_ROOM 1024
#define PLAN_PREFAULT_PAGES UINT64_C(0xfff)
/* For a line with the arguments of each run by which the dump was tuned. */
#define PLAN_TUNED_ROOM 1024

struct plan {
	uint64_t magic;
	uint32_t version;
	uint32_t machine; /* e_machine */
	uint32_t size;    /* of the whole plan, in bytes */
	uint32_t page_size;
	uint32_t cpu[PLAN_CPU_WORDS]; /* all of these bits must be set at the start */
	uint32_t pad;

	/* Free low memory, in this order:
	 *
	 *   low_start                      scratch            scratch_end
	 *   | staging | restarter + plan |  stack of restarter | new strings | parking |
	 *                                                         ^ size known at start
	 * The new strings are followed by the array of the environment, if that differs from the
	 * kernel's. Everything before scratch_end is unmapped once the program runs again. */
	uint64_t low_start;
	uint64_t scratch;
	uint64_t scratch_end;
	uint64_t parking; /* the new vDSO moves here if it is in the way */

	uint64_t stack_floor; /* the old stack may grow down to here */
	uint64_t stack_need;  /* the smallest RLIMIT_STACK for it; 0: any */
	uint64_t boot;        /* address of a struct boot in the program */
	uint64_t argv0;       /* address of the program's old argv[0], which it keeps; or 0 */

	/* So many of the runs to prefault are prefaulted in any case, the others where that pays. */
	uint32_t prefault_sure;
	uint32_t prefault_pad;

	struct plan_mm mm;
	struct plan_process process;
	struct plan_settings settings;
	struct plan_directory directory;
	struct plan_protection protection;
	struct plan_rights rights;
	struct plan_vdso vdso;
	struct plan_registers registers;
	struct plan_table ops, threads, frames, signals, files, fixups, slots, timers, variables;
	struct plan_table queued;
	struct plan_table strings; /* count: bytes; NUL-terminated */
	struct plan_table prefault; /* uint64_t */
	struct plan_table tuned;    /* count: bytes, 0 if the dump is not tuned; the last */
};

/* The restarter's information for the library in the program or, without the library, for the
 * trampoline that the writer has added. All are addresses. */
struct boot {
	uint64_t argc, argv, envp, auxv; /* argc is the number itself */
	uint64_t low_start, low_end;     /* memory to unmap */
	uint64_t brk;   /* 0; or the kernel's brk, if it refused the old one */
	uint64_t slots; /* the vDSO proxy's first slot; 0: no proxy */

	/* The dump has this: code that threads wait in, gate(frame, boot). They add
	 * themselves to `arrived` and wait until `open` is not 0. The restarter is done only
	 * when `expected` of them have arrived. */
	uint64_t gate;
	uint32_t open, arrived, expected, pad;
	/* The dump has these: chains of frames that end in the thread's own; 0: none. The
	 * trampoline continues with `always`. If the process's ID is 1, first_pid, or slightly
	 * below, it continues with `first`, which leads to `always`. */
	uint64_t always, first;
	uint32_t first_pid, first_pad;
};
_Static_assert(sizeof(struct boot) == 112, "boot");

/* Room that the layout leaves free above scratch_end: for strings (the kernel allows 6 MB,
 * three quarters of _STK_LIM, fs/exec.c), and for the parking area above them. */
#define PLAN_STRINGS_ROOM (UINT64_C(16) << 20)
#define PLAN_PARKING_ROOM (UINT64_C(1) << 20)
#define PLAN_SCRATCH_SIZE UINT64_C(16384)

#endif
