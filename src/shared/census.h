/* SPDX-License-Identifier: MIT
 *
 * The census: everything that a process is, by the kernel's own lists, one thing a line.
 *
 * The list gives the section CENSUS of libunexec(7) (man/census.sh; `make update-census` writes
 * it), the notes of `unexec dump --verbose` (src/cli/census.c), and the tests of tests/census,
 * which fail if an entry has no test, or if the list has no entry for something that the kernel
 * shows (tests/census/kernel.list).
 *
 *   THING(GROUP, "name", "from", START, "text", "seen", "test")
 *
 * What only one machine has is in CENSUS_MACHINE(THING), in arch_census.h.
 *
 *   GROUP  a line of CENSUS_GROUPS
 *   from   the ways of dumping that see it: i inside, by unexec_dump(); p by PID; c in a core
 *   START  PRESERVED  the start has it again
 *          RESET      the start has a new one on purpose; `text` continues "is reset: "
 *          REFUSED    nothing is dumped, and a message names it
 *          WARNED     it is lost, and a message names it
 *          UNSEEN     it is lost without a word: the manual alone names it
 *   text   an addition for readers, or ""
 *   seen   the interfaces of the kernel that show it
 *   test   below tests/, the test that checks this; FILE:WORD: the source contains the word
 */
#ifndef SHARED_CENSUS_H
#define SHARED_CENSUS_H

#define CENSUS_GROUPS(GROUP) \
	GROUP(MEMORY, "memory") \
	GROUP(THREADS, "threads") \
	GROUP(SIGNALS, "signals") \
	GROUP(TIMERS, "timers and clocks") \
	GROUP(DESCRIPTORS, "descriptors") \
	GROUP(SOCKETS, "sockets") \
	GROUP(IPC, "System V IPC and keys") \
	GROUP(SCHEDULING, "scheduling") \
	GROUP(IDENTITY, "identity and surroundings") \
	GROUP(PROTECTION, "protection") \
	GROUP(SETTINGS, "settings") \
	GROUP(ACCOUNTS, "accounts")

#define CENSUS(THING) \
	THING(MEMORY, "private memory", "ipc", PRESERVED, "", \
	      "maps map_files mem pagemap smaps", "roundtrip/globals") \
	THING(MEMORY, "protection of pages", "ipc", PRESERVED, "", \
	      "maps smaps", "dumpfile/protection.sh") \
	THING(MEMORY, "shared anonymous memory, memfds", "ip", WARNED, \
	      "content preserved; no longer shared with others", "maps", \
	      "roundtrip/shared_objects") \
	THING(MEMORY, "shared mappings of files", "ip", PRESERVED, "the file is mapped again", \
	      "maps", "roundtrip/shared_file") \
	THING(MEMORY, "mappings of deleted files", "ip", PRESERVED, "", "maps", \
	      "roundtrip/fd_deleted") \
	THING(MEMORY, "end of the heap", "ipc", PRESERVED, "", "brk stat", "roundtrip/malloc") \
	THING(MEMORY, "stack, which grows", "ipc", PRESERVED, "", "VmFlags gd", \
	      "roundtrip/stack") \
	THING(MEMORY, "advice", "ip", PRESERVED, "", "VmFlags", "roundtrip/memory_flags") \
	THING(MEMORY, "MADV_DONTDUMP, MADV_WIPEONFORK", "ip", WARNED, "the content is zero", \
	      "VmFlags dd wf", "roundtrip/advice:MADV_WIPEONFORK") \
	THING(MEMORY, "locked memory", "ip", PRESERVED, "", "VmFlags lo lf VmLck", \
	      "roundtrip/memory_flags:mlock") \
	THING(MEMORY, "guard regions", "ip", PRESERVED, "", "PAGEMAP_SCAN", \
	      "roundtrip/memory_guards") \
	THING(MEMORY, "memory policy, NUMA", "ip", WARNED, "", "numa_maps get_mempolicy", \
	      "roundtrip/memory_policy") \
	THING(MEMORY, "protection keys of pages", "ip", PRESERVED, "", "ProtectionKey", \
	      "roundtrip/memory_flags") \
	THING(MEMORY, "sealed memory", "ip", PRESERVED, "", "VmFlags sl", "dumpfile/lose.sh:mseal") \
	THING(MEMORY, "secret memory", "ip", REFUSED, "", "maps", "roundtrip/refuse_secret") \
	THING(MEMORY, "mappings of devices", "ip", REFUSED, "", "maps VmFlags", \
	      "roundtrip/refuse_device") \
	THING(MEMORY, "names of anonymous memory", "", UNSEEN, "", \
	      "maps PR_SET_VMA_ANON_NAME", "census/probe:anonymous_name") \
	THING(MEMORY, "old strings of arguments and environment", "ipc", PRESERVED, \
	      "in memory only", "cmdline environ", "roundtrip/environment") \
	THING(MEMORY, "samepage merging", "ip", PRESERVED, "", \
	      "ksm_merging_pages ksm_stat PR_GET_MEMORY_MERGE", "roundtrip/memory_flags") \
	\
	THING(THREADS, "registers, frame, stack", "ipc", PRESERVED, "", "Threads task syscall stack wchan", \
	      "roundtrip/threads_registers") \
	THING(THREADS, "floating-point environment", "ipc", PRESERVED, "", "PTRACE_GETREGSET", \
	      "roundtrip/fpu") \
	THING(THREADS, "thread-local storage", "ipc", PRESERVED, "", "PTRACE_GETREGSET", \
	      "roundtrip/tls") \
	THING(THREADS, "thread names", "ip", PRESERVED, "except the name of the process", \
	      "comm Name PR_GET_NAME", "roundtrip/threads_schedule") \
	THING(THREADS, "robust list", "ip", PRESERVED, "", "get_robust_list", \
	      "roundtrip/thread_exit") \
	THING(THREADS, "word that the end clears", "ip", PRESERVED, "", "PR_GET_TID_ADDRESS", \
	      "roundtrip/threads_join") \
	THING(THREADS, "restartable sequences", "ip", PRESERVED, "registered again", \
	      "PTRACE_GET_RSEQ_CONFIGURATION", "roundtrip/rseq") \
	THING(THREADS, "extended slices of rseq", "", UNSEEN, "", "PR_RSEQ_SLICE_EXTENSION_GET", \
	      "census/probe:slices") \
	THING(THREADS, "slice of the scheduler", "", UNSEEN, "", "sched_getattr", \
	      "census/probe:slice") \
	THING(THREADS, "slots of the futex hash", "", UNSEEN, "", "PR_FUTEX_HASH_GET_SLOTS", \
	      "census/probe:futex_slots") \
	THING(THREADS, "own descriptors, directory, namespace", "ip", REFUSED, "", "kcmp", \
	      "roundtrip/refuse_apart") \
	THING(THREADS, "main's thread that has ended", "ip", REFUSED, "", "State", \
	      "roundtrip/threads_main_gone") \
	\
	THING(SIGNALS, "handlers, flags, masks", "ip", PRESERVED, "", "SigCgt SigIgn sigaction", \
	      "roundtrip/signals") \
	THING(SIGNALS, "SA_NOCLDWAIT with SIG_DFL", "ip", PRESERVED, "", "sigaction", \
	      "roundtrip/signals_child") \
	THING(SIGNALS, "blocked signals", "ipc", PRESERVED, "", "SigBlk", \
	      "roundtrip/threads_signals") \
	THING(SIGNALS, "pending signals with their values", "ip", PRESERVED, "", \
	      "SigPnd ShdPnd SigQ PTRACE_PEEKSIGINFO", "roundtrip/signals_queued") \
	THING(SIGNALS, "alternate signal stack", "ip", PRESERVED, "", "sigaltstack", \
	      "roundtrip/signals") \
	THING(SIGNALS, "signal at the parent's end", "ip", PRESERVED, "", "PR_GET_PDEATHSIG", \
	      "roundtrip/threads_settings:PDEATHSIG") \
	\
	THING(TIMERS, "POSIX timers", "ip", PRESERVED, "", \
	      "timers timer_gettime PR_TIMER_CREATE_RESTORE_IDS_GET", \
	      "roundtrip/timers_posix") \
	THING(TIMERS, "interval timers", "ip", PRESERVED, "", "getitimer", \
	      "roundtrip/timers_interval") \
	THING(TIMERS, "timers for CPU time", "ip", PRESERVED, "", "timers", \
	      "roundtrip/timers_cpu") \
	THING(TIMERS, "timers for another process's CPU time", "ip", REFUSED, "", "timers", \
	      "roundtrip/refuse_timer") \
	THING(TIMERS, "timer slack", "ip", PRESERVED, "", "timerslack_ns PR_GET_TIMERSLACK", \
	      "roundtrip/threads_settings") \
	THING(TIMERS, "CPU time", "", RESET, "it begins at 0", \
	      "stat sched schedstat clock_gettime getrusage", "census/probe:cpu_time") \
	THING(TIMERS, "time of the start", "", RESET, "that of the new process", "stat", \
	      "census/probe:start_time") \
	\
	THING(DESCRIPTORS, "standard streams", "", RESET, "the new process's", "fd", \
	      "roundtrip/stdio") \
	THING(DESCRIPTORS, "descriptors open before main", "", RESET, "the new process's", "fd", \
	      "roundtrip/fd_inherited") \
	THING(DESCRIPTORS, "numbers, close-on-exec, status flags", "ip", PRESERVED, "", \
	      "fd fdinfo FDSize F_GETFD F_GETFL", "roundtrip/fd_same") \
	THING(DESCRIPTORS, "files, with their offsets", "ip", PRESERVED, "opened again by name", \
	      "fdinfo pos flags mnt_id ino", "roundtrip/files") \
	THING(DESCRIPTORS, "deleted files", "ip", PRESERVED, "with their content", "fd", \
	      "roundtrip/fd_deleted") \
	THING(DESCRIPTORS, "deleted directories", "ip", PRESERVED, "", "fd", \
	      "roundtrip/fd_deleted_directory") \
	THING(DESCRIPTORS, "locks of files", "ip", PRESERVED, "", "fdinfo lock F_GETLK", \
	      "roundtrip/fd_locks") \
	THING(DESCRIPTORS, "leases, F_NOTIFY, F_SETOWN", "ip", WARNED, "", \
	      "F_GETLEASE F_GETOWN F_GETSIG O_ASYNC", "roundtrip/fd_owner") \
	THING(DESCRIPTORS, "pipes", "ip", PRESERVED, "both ends inside", "F_GETPIPE_SZ FIONREAD", \
	      "roundtrip/fd_pipe") \
	THING(DESCRIPTORS, "named pipes", "ip", PRESERVED, "both ends inside", "fd", \
	      "roundtrip/fd_fifo") \
	THING(DESCRIPTORS, "pipes to other processes", "ip", REFUSED, "", "fd", \
	      "roundtrip/refuse_descriptors:pipe") \
	THING(DESCRIPTORS, "eventfd", "ip", PRESERVED, "", "fdinfo eventfd-count eventfd-semaphore", \
	      "roundtrip/fd_kernel:eventfd") \
	THING(DESCRIPTORS, "signalfd", "ip", PRESERVED, "", "fdinfo sigmask", \
	      "roundtrip/fd_kernel:signalfd") \
	THING(DESCRIPTORS, "timerfd", "ip", PRESERVED, "", "fdinfo clockid ticks settime it_value it_interval", \
	      "roundtrip/fd_timerfd") \
	THING(DESCRIPTORS, "epoll", "ip", PRESERVED, "", "fdinfo tfd events data EPIOCGPARAMS kcmp", \
	      "roundtrip/fd_epoll") \
	THING(DESCRIPTORS, "inotify", "ip", PRESERVED, "if the tool is privileged", \
	      "fdinfo inotify wd mask fhandle", \
	      "roundtrip/fd_inotify") \
	THING(DESCRIPTORS, "memfd with seals", "ip", PRESERVED, "", "F_GET_SEALS", \
	      "roundtrip/fd_memfd") \
	THING(DESCRIPTORS, "pidfd of itself", "ip", PRESERVED, "", "fdinfo Pid", \
	      "roundtrip/fd_kernel:pidfd") \
	THING(DESCRIPTORS, "io_uring, native AIO at rest", "ip", PRESERVED, "", "fdinfo", \
	      "roundtrip/io_uring") \
	THING(DESCRIPTORS, "io_uring with requests in flight", "ip", REFUSED, "", "fdinfo", \
	      "roundtrip/refuse_io_uring") \
	THING(DESCRIPTORS, "pseudo-terminals, both ends inside", "ip", PRESERVED, "", \
	      "TIOCGPTN", "roundtrip/fd_pty") \
	THING(DESCRIPTORS, "terminals, with their settings", "ip", PRESERVED, \
	      "the one on standard streams", "TCGETS2", "roundtrip/fd_terminal") \
	\
	THING(SOCKETS, "pairs", "ip", PRESERVED, "with content", "sock_diag MSG_PEEK", \
	      "roundtrip/fd_socketpair") \
	THING(SOCKETS, "connections inside", "ip", PRESERVED, "with content", "net sock_diag", \
	      "roundtrip/fd_connections") \
	THING(SOCKETS, "connections with others", "ip", REFUSED, "", "net sock_diag", \
	      "roundtrip/refuse_descriptors") \
	THING(SOCKETS, "listening sockets", "ip", PRESERVED, "", "SO_ACCEPTCONN", \
	      "roundtrip/fd_listening") \
	THING(SOCKETS, "connected datagram sockets", "ip", PRESERVED, "", "getpeername", \
	      "roundtrip/fd_connected") \
	THING(SOCKETS, "descriptors in flight", "ip", PRESERVED, "", "fdinfo scm_fds MSG_PEEK", \
	      "roundtrip/fd_in_flight") \
	THING(SOCKETS, "credentials of queued messages", "ip", REFUSED, \
	      "of others, with SO_PASSCRED", "SCM_CREDENTIALS", "roundtrip/refuse_senders") \
	THING(SOCKETS, "half-closed ends", "ip", PRESERVED, "", "sock_diag", \
	      "roundtrip/fd_shutdown") \
	THING(SOCKETS, "out-of-band data", "ip", PRESERVED, "UNIX-domain; with TCP: refused", \
	      "SIOCATMARK", "roundtrip/fd_out_of_band") \
	THING(SOCKETS, "pending errors, corked data of UDP", "", UNSEEN, \
	      "an error that waits in a UDP or UNIX-domain socket; MSG_MORE", \
	      "SO_ERROR MSG_ERRQUEUE", "census/manual.sh") \
	THING(SOCKETS, "options", "ip", PRESERVED, "", "getsockopt", \
	      "roundtrip/fd_socket_options") \
	THING(SOCKETS, "classic BPF filters", "ip", PRESERVED, "", "SO_GET_FILTER", \
	      "roundtrip/fd_socket_values:SO_ATTACH_FILTER") \
	THING(SOCKETS, "multicast groups", "ip", PRESERVED, "", "net IP_MSFILTER", \
	      "roundtrip/fd_multicast") \
	THING(SOCKETS, "files of UNIX-domain sockets", "ip", PRESERVED, "with their modes", \
	      "getsockname", "roundtrip/fd_unix_path") \
	THING(SOCKETS, "netlink, packet and raw sockets", "ip", PRESERVED, "", "sock_diag", \
	      "roundtrip/fd_raw_sockets") \
	\
	THING(IPC, "System V shared memory", "ip", WARNED, "content preserved; private", "maps", \
	      "roundtrip/shared_memory") \
	THING(IPC, "System V semaphores and queues", "ip", WARNED, "shared by all starts", \
	      "/proc/sysvipc", "roundtrip/sysv") \
	THING(IPC, "SEM_UNDO", "ip", WARNED, "", "kcmp", "roundtrip/sysv:SEM_UNDO") \
	THING(IPC, "keyrings of process and threads", "ip", WARNED, "", "keyctl", \
	      "roundtrip/keyrings") \
	THING(IPC, "session keyring", "", RESET, "the starter's", "keyctl", "census/probe:session_keyring") \
	\
	THING(SCHEDULING, "class and priority", "ip", PRESERVED, "where the program has set them", \
	      "sched sched_getattr", "dumpfile/lose.sh:settings") \
	THING(SCHEDULING, "nice value of the process", "", RESET, "the starter's", "stat getpriority", \
	      "census/probe:nice") \
	THING(SCHEDULING, "affinity", "ip", PRESERVED, "where the program has set it", \
	      "Cpus_allowed Cpus_allowed_list sched_getaffinity", "roundtrip/threads_schedule") \
	THING(SCHEDULING, "I/O priority", "ip", PRESERVED, "where the program has set it", \
	      "ioprio_get", "dumpfile/lose.sh:settings") \
	THING(SCHEDULING, "SCHED_DEADLINE", "ip", WARNED, "", "sched_getattr", \
	      "roundtrip/threads_schedule") \
	THING(SCHEDULING, "SCHED_RESET_ON_FORK", "ip", PRESERVED, "", "sched_getattr", \
	      "census/probe:reset_on_fork") \
	THING(SCHEDULING, "core scheduling", "", UNSEEN, "", "PR_SCHED_CORE_GET", \
	      "census/probe:core_scheduling") \
	THING(SCHEDULING, "autogroup", "", RESET, "the starter's", "autogroup", "census/probe:autogroup") \
	THING(SCHEDULING, "allowed NUMA nodes, cpuset", "", RESET, "the starter's", \
	      "Mems_allowed Mems_allowed_list cpuset", "census/probe:cpuset") \
	\
	THING(IDENTITY, "process ID, thread IDs", "", RESET, "new ones, unless --pid=keep", \
	      "Pid Tgid Ngid NStgid NSpid", "dumpfile/identity.sh") \
	THING(IDENTITY, "parent, group, session, terminal", "", RESET, "the starter's", \
	      "PPid NSpgid NSsid stat", "census/probe:parent") \
	THING(IDENTITY, "children", "ip", REFUSED, "", "children", "roundtrip/refuse_children") \
	THING(IDENTITY, "arguments, name of the process", "", RESET, \
	      "the new process's, unless --argv0=keep", "cmdline comm Name", "outside/argv0.sh") \
	THING(IDENTITY, "environment", "", RESET, "the new process's, with the program's changes", \
	      "environ", "roundtrip/environment") \
	THING(IDENTITY, "program file", "", RESET, "the dump", "exe", "census/probe:exe") \
	THING(IDENTITY, "auxiliary vector", "", RESET, "the new process's", "auxv PR_GET_AUXV", \
	      "roundtrip/auxv") \
	THING(IDENTITY, "working directory", "", RESET, \
	      "the starter's, or the program's if it has changed it or --cwd says so", "cwd", \
	      "outside/directory.sh") \
	THING(IDENTITY, "umask", "ip", PRESERVED, "where the program has set it", "Umask", \
	      "roundtrip/directory:umask") \
	THING(IDENTITY, "resource limits", "", RESET, "the starter's", "limits prlimit", \
	      "census/probe:limits") \
	THING(IDENTITY, "another root directory", "ip", WARNED, "", "root mountinfo mounts mountstats", \
	      "outside/other_root.sh") \
	THING(IDENTITY, "namespaces", "ip", WARNED, "", \
	      "ns uid_map gid_map projid_map setgroups timens_offsets", "roundtrip/refuse_apart") \
	THING(IDENTITY, "PID namespace for children", "i", REFUSED, "from outside: a warning", \
	      "ns", "roundtrip/refuse_apart") \
	THING(IDENTITY, "control groups", "", RESET, "the starter's", "cgroup", "census/probe:cgroup") \
	THING(IDENTITY, "audit session", "", RESET, "the starter's", "loginuid sessionid", \
	      "census/probe:audit") \
	\
	THING(PROTECTION, "user and group IDs", "", RESET, "the starter's; never more rights", \
	      "Uid Gid Groups", "dumpfile/lose.sh") \
	THING(PROTECTION, "rights that the process gave up", "ip", PRESERVED, "", \
	      "CapInh CapPrm CapEff CapBnd CapAmb", "dumpfile/lose.sh:nobody") \
	THING(PROTECTION, "file-system user and group IDs", "ip", PRESERVED, \
	      "if the starter has or takes the other IDs", "Uid Gid", "dumpfile/lose.sh:fsuid") \
	THING(PROTECTION, "no new privileges", "ip", PRESERVED, "", \
	      "NoNewPrivs PR_GET_NO_NEW_PRIVS", "roundtrip/protections") \
	THING(PROTECTION, "seccomp filters", "ip", REFUSED, "", \
	      "Seccomp Seccomp_filters PR_GET_SECCOMP", "dumpfile/lose.sh:seccomp") \
	THING(PROTECTION, "syscall user dispatch", "p", REFUSED, "not seen from inside", \
	      "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG", "dumpfile/lose.sh:dispatch") \
	THING(PROTECTION, "PR_SET_MDWE", "ip", PRESERVED, "", "PR_GET_MDWE", \
	      "dumpfile/lose.sh:mdwe") \
	THING(PROTECTION, "securebits, KEEPCAPS", "ip", PRESERVED, "", \
	      "PR_GET_SECUREBITS PR_GET_KEEPCAPS", "dumpfile/lose.sh:keepcaps") \
	THING(PROTECTION, "Landlock", "", UNSEEN, "the kernel does not show it", "", \
	      "census/landlock.sh") \
	THING(PROTECTION, "labels of security modules", "", RESET, "the starter's", "attr", \
	      "census/probe:label") \
	THING(PROTECTION, "speculation control", "ip", PRESERVED, "", \
	      "PR_GET_SPECULATION_CTRL Speculation_Store_Bypass SpeculationIndirectBranch", \
	      "unit/restarter_test:SPECULATION") \
	THING(PROTECTION, "tracer, PR_SET_PTRACER", "", RESET, "none", "TracerPid", \
	      "roundtrip/gdb.sh") \
	THING(PROTECTION, "shadow stacks", "ip", REFUSED, "", \
	      "VmFlags ss PTRACE_GETREGSET", "unit/smaps_test:ss") \
	\
	THING(SETTINGS, "may be traced, dumps core", "ip", PRESERVED, "", "PR_GET_DUMPABLE", \
	      "census/probe:dumpable") \
	THING(SETTINGS, "subreaper", "ip", PRESERVED, "", "PR_GET_CHILD_SUBREAPER", \
	      "census/probe:subreaper") \
	THING(SETTINGS, "transparent huge pages", "ip", PRESERVED, "", \
	      "THP_enabled PR_GET_THP_DISABLE", "roundtrip/memory_flags") \
	THING(SETTINGS, "membarrier registration", "ip", PRESERVED, "", "membarrier", \
	      "census/probe:membarrier") \
	THING(SETTINGS, "PR_SET_TSC", "ip", PRESERVED, "", "PR_GET_TSC", \
	      "roundtrip/threads_settings:TSC") \
	THING(SETTINGS, "PR_MCE_KILL", "ip", PRESERVED, "", "PR_MCE_KILL_GET", \
	      "roundtrip/threads_settings:MCE") \
	THING(SETTINGS, "personality", "ip", PRESERVED, "", "personality", \
	      "roundtrip/threads_settings:personality") \
	THING(SETTINGS, "oom_score_adj", "ip", PRESERVED, "where the program has set it", \
	      "oom_score_adj oom_adj oom_score", "dumpfile/lose.sh:settings") \
	THING(SETTINGS, "coredump_filter", "ip", PRESERVED, "where the program has set it", \
	      "coredump_filter", "dumpfile/lose.sh:settings") \
	THING(SETTINGS, "PR_SET_IO_FLUSHER", "", UNSEEN, "", "PR_GET_IO_FLUSHER", \
	      "census/probe:io_flusher") \
	\
	THING(ACCOUNTS, "I/O, faults, switches", "", RESET, "they begin at 0", \
	      "io voluntary_ctxt_switches nonvoluntary_ctxt_switches getrusage", \
	      "census/probe:faults") \
	THING(ACCOUNTS, "sizes and peaks of memory", "", RESET, "the new process's", \
	      "VmPeak VmSize VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData VmStk VmExe VmLib " \
	      "VmPTE VmSwap HugetlbPages statm smaps_rollup clear_refs", "census/probe:peak")

#endif
