/* SPDX-License-Identifier: MIT
 *
 * The plan: what the restarter does that ELF segments cannot say. Written by the unexec
 * program, read by the restarter; the one format that both know. Lies in the dump right
 * behind the restarter's code. Fixed-width integers, no pointers, magic and version first.
 */
#ifndef SHARED_PLAN_H
#define SHARED_PLAN_H

#include <stdint.h>

#include "shared/descriptor_kinds.h"

#define PLAN_MAGIC UINT64_C(0x6e616c7078656e75) /* "unexplan" */
#define PLAN_VERSION 10

/* `count` entries, `offset` bytes from the start of the plan. */
struct plan_table {
	uint32_t offset;
	uint32_t count;
};

enum plan_op_kind {
	PLAN_ANON = 1,    /* map zeros: private, at [start, start+length) */
	PLAN_SHARED = 2,  /* map zeros: shared and anonymous */
	PLAN_FILE = 3,    /* map the file whose path is string `source`, from `offset`, shared */
	PLAN_MOVE = 4,    /* move the pages at `source` to `start` */
	PLAN_COPY = 5,    /* copy the bytes at `source` to `start`, which is mapped writable */
	PLAN_PROTECT = 6, /* give [start, start+length) the protection `prot` */
	PLAN_ADVISE = 7,  /* madvise(start, length, flags) */
	PLAN_GUARD = 8,   /* madvise(start, length, MADV_GUARD_INSTALL), or PROT_NONE */
	PLAN_LOCK = 9,    /* mlock2(start, length, flags) */
	PLAN_AIO = 10,    /* io_setup, with its ring at [start, start+length) */
	PLAN_OBJECTS = 11 /* make and map the objects of shared memory, which are in `files` */
};

/* For PLAN_ANON. */
enum plan_op_flags { PLAN_GROWSDOWN = 1, PLAN_NORESERVE = 2 };

/* One change of the address space. They are done in order. */
struct plan_op {
	uint32_t kind;
	uint32_t prot;  /* PROT_READ … as mmap wants them */
	uint32_t flags; /* PLAN_ANON: plan_op_flags. PLAN_FILE: open()'s. PLAN_ADVISE: advice.
			 * PLAN_LOCK: MLOCK_ONFAULT or 0 */
	uint32_t pad;
	uint64_t start;
	uint64_t length;
	uint64_t source; /* PLAN_MOVE, PLAN_COPY: address. PLAN_FILE: offset in the strings */
	uint64_t offset; /* PLAN_FILE: offset in the file. PLAN_COPY: in the dump's own, of the same */
};
_Static_assert(sizeof(struct plan_op) == 48, "plan_op");

/* A signal's disposition, as the kernel's struct sigaction has it. */
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

/* Shared memory without a name in a file system. The entries of one object are adjacent: a
 * PLAN_FD_MEMORY and others with its number. PLAN_OBJECTS handles them. */
static inline int plan_is_object(uint32_t kind)
{
	return plan_file_phase(kind) == PLAN_FILE_OBJECT;
}

/* Which lock a PLAN_FD_LOCK takes. */
enum plan_lock { PLAN_LOCK_FLOCK = 0, PLAN_LOCK_POSIX = 1, PLAN_LOCK_OFD = 2 };

#define PLAN_NO_OFFSET UINT64_MAX

struct plan_file {
	uint32_t kind;   /* plan_file_kind */
	int32_t number;  /* what is made, or changed */
	uint32_t flags;  /* as open() takes them; O_CREAT, O_EXCL, O_TRUNC are never set */
	int32_t other;   /* PIPE, PAIR: the other end, 0: closed */
	uint32_t other_flags;
	uint32_t path;   /* offset in the strings */
	uint32_t data;   /* the same */
	uint32_t length; /* of the data; what is sent: messages, each behind its length in 32 bits */
	uint64_t offset; /* where it stands, or PLAN_NO_OFFSET */
	union {
		struct { uint64_t size, time, stop; } check; /* time of change in nanoseconds */
		struct { uint64_t capacity, end; } pipe; /* end 1: `number` is the writing one */
		struct { uint64_t domain, type, protocol; } socket; /* PAIR too */
		struct { uint64_t count, semaphore; } event;
		struct { uint64_t clock, flags, value, interval, ticks; } timer; /* nanoseconds */
		struct { uint64_t mask; } signal;
		struct { uint64_t flags, size; } memory; /* flags of memfd_create */
		struct { uint64_t flags, entries, completions, idle, count; } ring;
		struct { uint64_t opcode, count; } registered;
		struct { uint64_t level, name, value, value_2; } option; /* `length` bytes of it */
		struct { uint64_t mode; } bind; /* of the socket's file; 0: as umask says */
		struct { uint64_t backlog; } listen;
		struct { uint64_t how; } shutdown;
		struct { uint64_t source, length; } fill; /* to `offset` */
		struct { uint64_t seals; } seal;
		struct { uint64_t start, length, prot; } map; /* from `offset` */
		struct { uint64_t mask, watch; } notify;
		struct { uint64_t events, data; } watch;
		struct { uint64_t which, type, start, length; } lock; /* type: F_RDLCK, F_WRLCK */
	};
};
_Static_assert(sizeof(struct plan_file) == 80, "plan_file");

/* Does the entry make the descriptor `number` of the program? */
static inline int plan_makes_descriptor(const struct plan_file *file)
{
	return plan_file_phase(file->kind) == PLAN_FILE_CREATE
	       || (file->kind == PLAN_FD_MEMORY && file->number);
}

/* Where an io_uring has its words: the program remembers that, and it must be so again. Behind
 * it lies what its memory holds, zeros left out: pieces, each a struct plan_ring_piece and as
 * many bytes. */
struct plan_ring_layout {
	uint32_t submission[10], completion[10]; /* the kernel's io_sqring_offsets, io_cqring_… */
	uint64_t size, entries_size;             /* of the rings, of the submission entries */
};
_Static_assert(sizeof(struct plan_ring_layout) == 96, "plan_ring_layout");

struct plan_ring_piece {
	uint64_t offset; /* as mmap takes it */
	uint64_t length;
};

/* A word of the bridge that leads to a function of the kernel's vDSO. As saved, it leads
 * to a real system call. */
struct plan_slot {
	uint64_t address;
	uint32_t name; /* offset in the strings */
	uint32_t pad;
};
_Static_assert(sizeof(struct plan_slot) == 16, "plan_slot");

/* The old vDSO: data, then code, mapped side by side. A kernel of the same build has the
 * same, and then it takes the old one's place; on any other the bridge leads to it. */
#define PLAN_VDSO_PARTS 4
struct plan_vdso {
	uint64_t address;                 /* of the code; 0: there is none that may be replaced */
	uint64_t start;                   /* of the first part */
	uint64_t length[PLAN_VDSO_PARTS]; /* of each mapping; the last that is not 0 is the code */
	uint64_t build[4];                /* the code's build-id, zeros behind it */
};

/* What a start writes into the program's memory, and why no write hits a datum of the program's own.
 * A word that has the value, or the shape, alone proves nothing.
 *
 *   TID     libc's copy: libc describes its place to debuggers, or the kernel clears it
 *           a lock: all of its words are as in a lock of its kind that this thread holds; a robust
 *           one is in the thread's list. A copy of a held lock cannot be told from one.
 *           a frame, a register: the code of libc that is running has loaded it from libc's copy
 *   ARGC, ARGV, ENVP, in a thread's registers: the thread is about to begin a function like main
 *   ENVP, NAME, SHORT_NAME, BRK, by the names of libc's variables: each still has the value that
 *           the kernel, or the last start, has given it
 *   AUXV, RANDOM   the kernel's own vector, at the top of the first stack
 *   CANARY  each word of the value is known (libc/canary.h)
 *   FORGET  libc's list, walked from an entry that the library has made
 *   slots   the bridge, where the old vDSO was
 *   rseq    the area that the kernel was given, or libc's variables name
 *   below a thread's frame, 512 bytes: unused stack
 *   boot    the library's, or a page that the writer has added
 *
 * After that, libc's and other libraries' functions write their own data: __fpurge, setvbuf, tzset,
 * those that seed generators. With main or a function as the entry, optind becomes 0. */
enum plan_fixup_kind {
	PLAN_FIXUP_TID = 1, /* 32 bits: the TID bits (PLAN_TID_MASK) become those of a thread */
	PLAN_FIXUP_ARGC,
	PLAN_FIXUP_ARGV,
	PLAN_FIXUP_ENVP,
	PLAN_FIXUP_NAME,       /* argv[0]; as it was if there is none */
	PLAN_FIXUP_SHORT_NAME, /* the same behind its last slash */
	PLAN_FIXUP_AUXV,       /* an entry's value; as it was if the kernel gives none */
	PLAN_FIXUP_RANDOM,     /* the 16 bytes that AT_RANDOM leads to */
	PLAN_FIXUP_BRK,        /* where brk is, if the kernel refused to have it where it was */
	PLAN_FIXUP_CANARY,     /* the stack canary */
	PLAN_FIXUP_FORGET,     /* becomes 0: whose function it is is not called */
	PLAN_FIXUP_KINDS       /* one more than the last */
};
#define PLAN_TID_MASK UINT32_C(0x3fffffff)

/* A value in memory that must be of the new process: 64 bits where nothing else is said. */
struct plan_fixup {
	uint64_t address;
	uint32_t kind;
	uint32_t which; /* TID: index in the threads. AUXV: the type. CANARY: the byte that is
			   always zero; 8: none */
};
_Static_assert(sizeof(struct plan_fixup) == 16, "plan_fixup");

/* What the kernel must know of a thread. */
struct plan_thread {
	uint64_t frame; /* the stack pointer for rt_sigreturn */
	uint64_t thread_pointer, thread_pointer_2; /* of TLS; the second: on some machines */
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_length;
	uint64_t rseq; /* 0 when none is registered */
	uint32_t rseq_length, rseq_signature;
	uint64_t tid_address;      /* where libc keeps the TID; 0: unknown */
	uint32_t policy, priority; /* as sched_setscheduler takes them */
	uint32_t flags;            /* plan_thread_flags */
	uint32_t name;             /* offset in the strings */
	uint32_t nice;             /* signed, as setpriority takes it */
	uint32_t pad;
	uint64_t pending;          /* signals that waited for this very thread */
	uint64_t affinity[16];     /* as sched_setaffinity takes it */
};
_Static_assert(sizeof(struct plan_thread) == 232, "plan_thread");

enum plan_thread_flags {
	PLAN_THREAD_DUMPER = 1,   /* it goes on at once; the others wait for it at the gate;
				     without one, they wait for each other */
	PLAN_THREAD_SCHEDULE = 2, /* policy, priority and nice are to be set */
	PLAN_THREAD_AFFINITY = 4
};

/* What the kernel must know of the address space: PR_SET_MM_MAP. */
struct plan_mm {
	uint64_t start_code, end_code;
	uint64_t start_data, end_data;
	uint64_t start_brk, brk;
	uint64_t start_stack;
};

/* As setitimer takes it; seconds and microseconds. All zero: not running. */
struct plan_itimer {
	uint64_t interval_s, interval_us, value_s, value_us;
};

/* A POSIX timer (timer_create). Times as timer_settime takes them. */
struct plan_timer {
	uint32_t number, clock;
	uint64_t value;         /* sigev_value */
	uint32_t signal, notify;
	uint32_t thread;        /* SIGEV_THREAD_ID: index in the threads */
	uint32_t pad;
	uint64_t interval_s, interval_ns, left_s, left_ns;
};
_Static_assert(sizeof(struct plan_timer) == 64, "plan_timer");

/* What prctl and membarrier must be told, as they were asked at the dump. */
struct plan_process {
	uint32_t dumpable;    /* PR_GET_DUMPABLE */
	uint32_t subreaper;   /* PR_GET_CHILD_SUBREAPER */
	uint32_t thp_disable; /* PR_GET_THP_DISABLE */
	uint32_t membarrier;  /* bits of MEMBARRIER_CMD_REGISTER_… */
	uint64_t timer_slack; /* nanoseconds; 0: as inherited */
	uint64_t pending;     /* signals that waited for any thread that does not block them */
	uint32_t lock_future;  /* MCL_FUTURE, MCL_ONFAULT: of mlockall */
	uint32_t memory_merge; /* PR_GET_MEMORY_MERGE */
	struct plan_itimer itimers[3]; /* by ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
};

/* What the dump needs of the CPU; src/arch/…/arch_cpu.h says what the bits are. */
#define PLAN_CPU_WORDS 9

/* How vector registers lie in the signal frames of the threads, where that depends on CPU and
 * kernel: src/arch/… says what it means. Where both are the same at the start, frames are taken
 * as they are. */
#define PLAN_STATES 32
struct plan_registers {
	uint64_t states;     /* those that the kernel keeps */
	uint64_t permitted;  /* those that the process had to ask for and has */
	uint64_t frame_size; /* AT_MINSIGSTKSZ; 0: the kernel does not tell */
	uint16_t places[PLAN_STATES], sizes[PLAN_STATES]; /* 0: not known, or none there */
};
_Static_assert(sizeof(struct plan_registers) == 152, "plan_registers");

/* A signal frame that a thread goes on by later, when it returns from the handler that it is in. */
struct plan_frame {
	uint64_t address;
};
_Static_assert(sizeof(struct plan_frame) == 8, "plan_frame");

/* Pages that a start writes to, as `unexec tune` has seen: a word for each run of them, its
 * address and, where addresses have zeros, how many. There is room for so many words. */
#define PLAN_PREFAULT_ROOM 1024
#define PLAN_PREFAULT_PAGES UINT64_C(0xfff)

struct plan {
	uint64_t magic;
	uint32_t version;
	uint32_t machine; /* e_machine */
	uint32_t size;    /* of all of it, in bytes */
	uint32_t page_size;
	uint32_t cpu[PLAN_CPU_WORDS]; /* all of these bits must be set where it starts */
	uint32_t pad;

	/* Free low memory, in this order:
	 *
	 *   low_start                      scratch            scratch_end
	 *   | staging | restarter + plan |  stack of restarter | new strings | parking |
	 *                                                         ^ size known at start
	 * All before scratch_end is unmapped once the program runs again.  */
	uint64_t low_start;
	uint64_t scratch;
	uint64_t scratch_end;
	uint64_t parking; /* where the new vDSO goes if it is in the way */

	uint64_t stack_floor; /* the old stack may grow down to here */
	uint64_t stack_need;  /* the least RLIMIT_STACK that it can go on with; 0: any */
	uint64_t boot;        /* address of a struct boot in the program */

	struct plan_mm mm;
	struct plan_process process;
	struct plan_vdso vdso;
	struct plan_registers registers;
	struct plan_table ops, threads, frames, signals, files, fixups, slots, timers;
	struct plan_table strings; /* count: bytes; each string ends in NUL */
	struct plan_table prefault;     /* uint64_t; the last in the plan */
};

/* What the restarter tells the library in the program or, where there is none, the landing
 * that the writer has added. All addresses. */
struct boot {
	uint64_t argc, argv, envp, auxv; /* argc is the number itself */
	uint64_t low_start, low_end;     /* to be unmapped */
	uint64_t brk;   /* 0, or where the kernel's brk is, when it refused to be told */
	uint64_t slots; /* the bridge's first slot; 0: no bridge */

	/* In the dump already: code that threads wait in, gate(frame, boot). They add
	 * themselves to `arrived` and wait until `open` is not 0. Only when `expected` of them
	 * have arrived has the restarter done all its work. */
	uint64_t gate;
	uint32_t open, arrived, expected, pad;
	/* In the dump already: frames that the landing leaves by instead of the thread's own,
	 * which they lead to in the end; 0: none. The second, which leads to the first, if the
	 * process's ID is 1, or this one, or not far below. */
	uint64_t always, first;
	uint32_t first_pid, first_pad;
};
_Static_assert(sizeof(struct boot) == 112, "boot");

/* Room that the layout leaves free above scratch_end: strings (the kernel allows 6 MB,
 * three quarters of _STK_LIM, fs/exec.c), and the parking above them. */
#define PLAN_STRINGS_ROOM (UINT64_C(16) << 20)
#define PLAN_PARKING_ROOM (UINT64_C(1) << 20)
#define PLAN_SCRATCH_SIZE UINT64_C(16384)

#endif
