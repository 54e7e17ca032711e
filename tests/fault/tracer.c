/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tracer of tracer.h: tracees run from stop to stop, and unwatched tasks run freely.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../src/arch/x86_64/arch_registers.h"
#include "tracer.h"

#define TIME_LIMIT 60 /* seconds; a run takes milliseconds */
#define STRAY_LIMIT 10
#define TASKS 64
#define NO_CALL 1000 /* higher than all numbers of calls */
#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK \
	 | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

struct task {
	pid_t tid; /* 0: has ended */
	bool entered;  /* between the entry and the exit of a call */
	bool failing;  /* its call was skipped or made, and will return -error */
	bool started;  /* has called execve() */
	bool loaded;   /* that program has reached its own code, which begins with fcntl() */
	bool returned; /* has returned from the signal frame with which a dump starts */
	bool ending;   /* held shortly before its end */
	unsigned calls;
};

struct tracer {
	const struct command *command;
	const struct fault *fault;
	struct outcome *outcome;
	struct task tasks[TASKS]; /* the index is the role */
	unsigned task_count, alive;
	bool first_left, first_ended, hurried;
};

/* ---- Errors ------------------------------------------------------------------------------- */

/* The errno for ptrace() of a stopped process. Such a process may also be killed, but the kill
 * tests cover that. */
static int ptrace_error(const uint64_t arguments[6])
{
	switch (arguments[0]) {
	case PTRACE_SEIZE: case PTRACE_SETOPTIONS:
		return EPERM;
	case PTRACE_GETREGSET:
		return arguments[2] == NT_PRSTATUS ? 0 : ENODEV;
	case PTRACE_GET_SYSCALL_INFO: case 0x420f: /* PTRACE_GET_RSEQ_CONFIGURATION */
		return EIO;
	default:
		return 0;
	}
}

static int fcntl_error(int command)
{
	switch (command) {
	case F_GETFD: case F_SETFD: case F_GETFL:
		return 0;
	case F_DUPFD: case F_DUPFD_CLOEXEC:
		return EMFILE;
	default:
		return EINVAL;
	}
}

/* The errno with which the call may fail although its arguments are valid; 0: none. `of` is
 * the file of the descriptor in its first argument. close() closes the descriptor even if it
 * fails. */
static int error_of(long call, const uint64_t arguments[6], const char *of)
{
	bool pipe = !strncmp(of, "pipe:", 5);

	switch (call) {
	case SYS_exit: case SYS_exit_group: case SYS_rt_sigreturn: case SYS_restart_syscall:
	case SYS_getpid: case SYS_gettid: case SYS_getppid: case SYS_getuid: case SYS_geteuid:
	case SYS_getgid: case SYS_getegid: case SYS_set_tid_address: case SYS_sched_yield:
	case SYS_set_robust_list: case SYS_rt_sigprocmask: case SYS_rt_sigpending:
	case SYS_arch_prctl: case SYS_clock_gettime: case SYS_umask: case SYS_kill:
	case SYS_tgkill: case SYS_rt_sigaction:
		return 0;
	case SYS_fcntl:
		return fcntl_error((int)arguments[1]);
	case SYS_ptrace:
		return ptrace_error(arguments);
	case SYS_futex:
		return (arguments[1] & 127) == FUTEX_WAIT ? EINTR : 0;
	case SYS_read: case SYS_write:
		return pipe ? EINTR : call == SYS_read ? EIO : ENOSPC;
	case SYS_openat: case SYS_open: case SYS_pipe2: case SYS_dup: case SYS_socket:
	case SYS_pidfd_open: case SYS_pidfd_getfd: case SYS_dup2: case SYS_dup3:
	case SYS_memfd_create: case SYS_eventfd2: case SYS_epoll_create1: case SYS_socketpair:
	case SYS_inotify_init1: case SYS_signalfd4: case SYS_timerfd_create:
		return EMFILE;
	case SYS_pwrite64: case SYS_ftruncate: case SYS_fallocate: case SYS_linkat:
	case SYS_sendfile: case SYS_copy_file_range: case SYS_writev:
		return ENOSPC;
	case SYS_mmap: case SYS_mremap: case SYS_munmap: case SYS_mprotect: case SYS_brk:
	case SYS_madvise:
		return ENOMEM;
	case SYS_clone: case SYS_clone3: case SYS_fork: case SYS_vfork: case SYS_timer_create:
		return EAGAIN;
	case SYS_wait4: case SYS_waitid: case SYS_nanosleep:
	case SYS_clock_nanosleep: case SYS_poll:
		return EINTR;
	case SYS_ioctl: case SYS_membarrier: case SYS_prctl: case SYS_lseek:
		return EINVAL;
	case SYS_pread64: /* for /proc/PID/mem, EIO means that nothing is mapped there */
		return strstr(of, "/mem") ? ENOMEM : EIO;
	case SYS_close: case SYS_fsync: case SYS_readlink:
	case SYS_readlinkat: case SYS_newfstatat: case SYS_fstat: case SYS_stat:
	case SYS_getdents64: case SYS_rename:
		return EIO;
	default:
		return EPERM;
	}
}

bool tracer_can_fail(long call)
{
	static const uint64_t any[6] = { PTRACE_SEIZE, FUTEX_WAIT };

	return error_of(call, any, "") != 0;
}

/* ---- Calls -------------------------------------------------------------------------------- */

static int get_registers(pid_t tid, struct arch_registers *registers)
{
	struct iovec vector = { registers, sizeof(*registers) };

	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) ? -1 : 0;
}

static void set_registers(pid_t tid, struct arch_registers *registers)
{
	struct iovec vector = { registers, sizeof(*registers) };

	ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &vector);
}

/* The library makes its copy with CLONE_UNTRACED; the test has to follow it. */
static void follow_copies(struct task *task, const struct __ptrace_syscall_info *info)
{
	struct arch_registers registers;

	if (info->entry.nr != SYS_clone || !(info->entry.args[0] & CLONE_UNTRACED)
	    || get_registers(task->tid, &registers))
		return;
	arch_set_syscall_argument(&registers, info->entry.args[0] & ~(uint64_t)CLONE_UNTRACED);
	set_registers(task->tid, &registers);
}

static void note_call(struct tracer *tracer, struct task *task,
		      const struct __ptrace_syscall_info *info)
{
	struct outcome *outcome = tracer->outcome;
	char path[64];
	ssize_t length;

	outcome->done = true;
	outcome->call = (long)info->entry.nr;
	outcome->argument = info->entry.args[0];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)task->tid, (int)info->entry.args[0]);
	length = readlink(path, outcome->of, sizeof(outcome->of) - 1);
	outcome->of[length < 0 ? 0 : length] = 0;
}

static void fail_call(struct tracer *tracer, struct task *task,
		      const struct __ptrace_syscall_info *info)
{
	struct outcome *outcome = tracer->outcome;
	struct arch_registers registers;
	uint64_t arguments[6];

	memcpy(arguments, info->entry.args, sizeof(arguments));
	outcome->error = error_of(outcome->call, arguments, outcome->of);
	outcome->done = outcome->error != 0;
	if (!outcome->error || get_registers(task->tid, &registers))
		return;
	task->failing = true;
	if (outcome->call == SYS_close)
		return;
	if (outcome->call == SYS_brk) /* brk(0) returns the unchanged break */
		arch_set_syscall_argument(&registers, 0);
	else
		arch_skip_syscall(&registers);
	set_registers(task->tid, &registers);
}

/* True if ptrace() sets registers with which another process will make a call. */
static bool tells_call(const struct task *task, const struct __ptrace_syscall_info *info,
		       struct arch_registers *ret, struct iovec *ret_theirs)
{
	struct iovec remote = { (void *)info->entry.args[3], sizeof(*ret_theirs) };
	struct iovec local = { ret_theirs, sizeof(*ret_theirs) };

	if (info->entry.nr != SYS_ptrace || info->entry.args[0] != PTRACE_SETREGSET
	    || info->entry.args[2] != NT_PRSTATUS
	    || process_vm_readv(task->tid, &local, 1, &remote, 1, 0) < 0)
		return false;
	local = (struct iovec){ ret, sizeof(*ret) };
	return process_vm_readv(task->tid, &local, 1, ret_theirs, 1, 0) == sizeof(*ret)
	       && arch_syscall_number(ret) == -1 && arch_result(ret) >= 0
	       && arch_result(ret) < NO_CALL
	       /* If unmapping our page fails, the page stays, and nothing can remove it. */
	       && arch_result(ret) != SYS_munmap;
}

/* Replaces the call by one that no kernel has. */
static void spoil_call(const struct tracer *tracer, const struct task *task,
		       struct arch_registers *registers, struct iovec *theirs)
{
	struct iovec local = { registers, sizeof(*registers) };

	tracer->outcome->done = true;
	tracer->outcome->call = arch_result(registers);
	tracer->outcome->error = ENOSYS;
	arch_set_result(registers, NO_CALL);
	process_vm_writev(task->tid, &local, 1, theirs, 1, 0);
}

static bool is_alive(pid_t pid)
{
	char path[64], line[512] = "";
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	state = strrchr(line, ')');
	return state && state[2] != 'Z';
}

/* Waits, for 2 ms at most, until the process is dead, so that it is dead when the call is made.
 * A traced process stops before it dies, so it may not be. */
static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	for (int tries = 0; tries < 20 && is_alive(pid); tries++)
		usleep(100);
}

static void act(struct tracer *tracer, struct task *task,
		const struct __ptrace_syscall_info *info)
{
	const struct fault *fault = tracer->fault;

	note_call(tracer, task, info);
	if (fault->kind == FAULT_CALL)
		fail_call(tracer, task, info);
	else if (fault->victim == FAULT_OTHER)
		end(tracer->command->other);
	else if (fault->victim < tracer->task_count && tracer->tasks[fault->victim].tid)
		end(tracer->tasks[fault->victim].tid);
}

static bool is_armed(const struct tracer *tracer, const struct task *task)
{
	const struct command *command = tracer->command;

	if (command->until_return && task->returned)
		return false;
	return tracer->tasks[0].started && (!command->armed || *command->armed);
}

static void count_call(struct tracer *tracer, struct task *task, long call)
{
	unsigned role = (unsigned)(task - tracer->tasks);

	if (role < TRACER_ROLES) {
		if (task->calls < TRACER_CALLS)
			tracer->outcome->roles[role].calls[task->calls] = (uint16_t)call;
		tracer->outcome->roles[role].count = task->calls + 1;
	}
	task->calls++;
}

static void enter(struct tracer *tracer, struct task *task,
		  const struct __ptrace_syscall_info *info)
{
	const struct fault *fault = tracer->fault;
	bool now = fault->role == (unsigned)(task - tracer->tasks)
		   && task->calls + 1 == fault->at;
	struct arch_registers registers;
	struct iovec theirs;

	follow_copies(task, info);
	task->loaded |= info->entry.nr == SYS_fcntl;
	task->returned |= info->entry.nr == SYS_rt_sigreturn;
	if (!is_armed(tracer, task))
		return;
	if (fault->kind != FAULT_TRACEE) {
		count_call(tracer, task, (long)info->entry.nr);
		if (now)
			act(tracer, task, info);
	} else if (tells_call(task, info, &registers, &theirs)) {
		count_call(tracer, task, arch_result(&registers));
		if (now)
			spoil_call(tracer, task, &registers, &theirs);
	}
}

static void leave(struct tracer *tracer, struct task *task)
{
	struct arch_registers registers;

	if (!task->failing || get_registers(task->tid, &registers))
		return;
	task->failing = false;
	if (tracer->outcome->call == SYS_brk)
		arch_set_syscall_argument(&registers, tracer->outcome->argument);
	else
		arch_set_result(&registers, -tracer->outcome->error);
	set_registers(task->tid, &registers);
}

static void at_call(struct tracer *tracer, struct task *task)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(tracer, task, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(tracer, task);
}

/* ---- Stops -------------------------------------------------------------------------------- */

static struct task *find_task(struct tracer *tracer, pid_t tid)
{
	for (unsigned i = 0; i < tracer->task_count; i++)
		if (tracer->tasks[i].tid == tid)
			return &tracer->tasks[i];
	return NULL;
}

static struct task *add_task(struct tracer *tracer, pid_t tid)
{
	struct task *task = &tracer->tasks[tracer->task_count];

	if (tracer->task_count == TASKS) {
		kill(tid, SIGKILL);
		return NULL;
	}
	*task = (struct task){ .tid = tid };
	tracer->task_count++;
	tracer->alive++;
	tracer->outcome->role_count = tracer->task_count;
	return task;
}

/* True if calls of the task must be inspected. */
static bool is_watched(const struct tracer *tracer, const struct task *task)
{
	unsigned role = (unsigned)(task - tracer->tasks);

	if (tracer->fault->at && tracer->outcome->done && !task->failing)
		return false;
	return !tracer->fault->at || role == tracer->fault->role || !task->started || !role;
}

/* Detaches the first process, which stays our child. */
static void leave_alone(struct tracer *tracer, struct task *task)
{
	ptrace(PTRACE_DETACH, task->tid, 0, 0);
	tracer->first_left = true;
	tracer->alive--;
}

/* Records the file whose code ran when the task got a signal of this number. */
static void note_place(struct tracer *tracer, const struct task *task, int number)
{
	char path[64], line[512], name[256];
	struct arch_registers registers;
	unsigned long start, end;
	FILE *maps;

	if ((number != SIGSEGV && number != SIGBUS && number != SIGABRT)
	    || get_registers(task->tid, &registers))
		return;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)task->tid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &start, &end, name) == 3
		    && arch_counter(&registers) >= start && arch_counter(&registers) < end)
			snprintf(tracer->outcome->place, sizeof(tracer->outcome->place), "%s",
				 name);
	if (maps)
		fclose(maps);
}

/* True if the task is held after its kill; threads of the victim are not. */
static bool is_orphan(const struct tracer *tracer, const struct task *task)
{
	unsigned role = tracer->fault->role, victim = tracer->fault->victim;
	char path[64];

	if (tracer->fault->kind != FAULT_ORPHAN || !tracer->outcome->done
	    || role >= tracer->task_count || task == &tracer->tasks[role]
	    || !tracer->tasks[role].tid)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)tracer->tasks[victim].tid,
		 (int)task->tid);
	return tracer->tasks[victim].tid && access(path, F_OK);
}

static void end_orphans(struct tracer *tracer)
{
	for (unsigned i = 0; i < tracer->task_count; i++) {
		if (tracer->tasks[i].tid && tracer->tasks[i].ending)
			ptrace(PTRACE_CONT, tracer->tasks[i].tid, 0, 0);
		tracer->tasks[i].ending = false;
	}
}

static void at_stop(struct tracer *tracer, struct task *task, int status)
{
	int event = status >> 16, number = WSTOPSIG(status), deliver = 0;
	bool makes_child = event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK
			   || event == PTRACE_EVENT_CLONE;

	if (event == PTRACE_EVENT_EXIT && is_orphan(tracer, task)) {
		task->ending = true;
		return;
	}
	if (number == (SIGTRAP | 0x80))
		at_call(tracer, task);
	else if (event == PTRACE_EVENT_EXEC) {
		task->started = true;
	} else if (event == PTRACE_EVENT_STOP && number != SIGTRAP) {
		ptrace(PTRACE_LISTEN, task->tid, 0, 0);
		return;
	} else if (!event) {
		deliver = number;
		note_place(tracer, task, number);
	}
	if (makes_child && task == tracer->tasks && tracer->command->leave_first)
		leave_alone(tracer, task);
	else
		ptrace(is_watched(tracer, task) ? PTRACE_SYSCALL : PTRACE_CONT, task->tid, 0,
		       deliver);
}

static void at_end(struct tracer *tracer, struct task *task, int status)
{
	struct outcome *outcome = tracer->outcome;
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (task == tracer->tasks) {
		outcome->status = number ? 128 + number : WEXITSTATUS(status);
		tracer->first_ended = true;
	}
	/* The dynamic linker may die without a message. */
	if (task->started && !task->loaded && tracer->command->loads)
		number = 0;
	/* The other end of its pipe or socket was killed. */
	if (tracer->fault->kind >= FAULT_KILL && number == SIGPIPE)
		number = 0;
	if (number && number != SIGKILL && !outcome->crash) {
		outcome->crash = number;
		outcome->crashed = (unsigned)(task - tracer->tasks);
	}
	if (task != tracer->tasks || !tracer->first_left)
		tracer->alive--;
	task->tid = 0;
	if (task == &tracer->tasks[tracer->fault->role])
		end_orphans(tracer);
}

static volatile sig_atomic_t late;

static void be_late(int number)
{
	(void)number;
	late = 1;
}

/* Records the system calls of tasks that are left. */
static void note_left(struct tracer *tracer)
{
	char *text = tracer->outcome->place;
	size_t room = sizeof(tracer->outcome->place), used = 0;

	for (unsigned i = 0; i < tracer->task_count; i++) {
		char path[64], line[128] = "";
		FILE *file;

		if (!tracer->tasks[i].tid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/syscall", (int)tracer->tasks[i].tid);
		file = fopen(path, "re");
		if (file && fgets(line, sizeof(line), file))
			line[strcspn(line, "\n")] = 0;
		if (file)
			fclose(file);
		used += (size_t)snprintf(text + used, room - used, "left: %u in %.40s; ", i, line);
		if (used >= room)
			return;
	}
}

static void end_all(struct tracer *tracer)
{
	note_left(tracer);
	for (unsigned i = 0; i < tracer->task_count; i++)
		if (tracer->tasks[i].tid)
			kill(tracer->tasks[i].tid, SIGKILL);
	end_orphans(tracer);
}

/* Gives tasks that are about to end some time to do so. */
static void wait_for_strays(struct tracer *tracer)
{
	if (tracer->first_ended && tracer->alive && !tracer->hurried)
		alarm(STRAY_LIMIT);
	tracer->hurried |= tracer->first_ended;
}

static void follow(struct tracer *tracer)
{
	while (tracer->alive || !tracer->first_ended) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		struct task *task;

		if (tid < 0 && errno == EINTR && late) {
			late = 0;
			tracer->outcome->stray |= tracer->first_ended;
			tracer->outcome->hung |= !tracer->first_ended;
			end_all(tracer);
		}
		if (tid <= 0)
			continue;
		task = find_task(tracer, tid);
		if (!task && WIFSTOPPED(status))
			task = add_task(tracer, tid);
		if (!task)
			continue;
		if (WIFSTOPPED(status))
			at_stop(tracer, task, status);
		else
			at_end(tracer, task, status);
		wait_for_strays(tracer);
	}
}

/* ---- The beginning ------------------------------------------------------------------------ */

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(98);
	close(fd);
}

__attribute__((noreturn)) static void become(const struct command *command, const int gate[2])
{
	char byte;

	close(gate[1]);
	if (read(gate[0], &byte, 1) < 0)
		_exit(98);
	redirect(command->input, O_RDONLY, 0);
	redirect(command->output, O_WRONLY | O_CREAT | O_TRUNC, 1);
	redirect(command->errors, O_WRONLY | O_CREAT | O_TRUNC, 2);
	close(gate[0]);
	execv(command->argv[0], (char **)command->argv);
	_exit(97);
}

/* Waits for a process that is not followed. */
static void await(pid_t pid, struct outcome *outcome)
{
	int status;

	alarm(TIME_LIMIT);
	while (waitpid(pid, &status, 0) < 0)
		kill(pid, SIGKILL);
	alarm(0);
	outcome->hung = late;
	outcome->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool trace(const struct command *command, const struct fault *fault, struct outcome *outcome)
{
	struct tracer tracer = { .command = command, .fault = fault, .outcome = outcome };
	struct sigaction action = { .sa_handler = be_late };
	int gate[2];
	pid_t pid;

	memset(outcome, 0, offsetof(struct outcome, roles));
	for (unsigned i = 0; i < TRACER_ROLES; i++)
		outcome->roles[i].count = 0;
	sigaction(SIGALRM, &action, NULL);
	late = 0;
	if (pipe2(gate, O_CLOEXEC))
		return false;
	pid = fork();
	if (!pid)
		become(command, gate);
	close(gate[0]);
	if (!fault) {
		close(gate[1]);
		await(pid, outcome);
		return true;
	}
	if (ptrace(PTRACE_SEIZE, pid, 0,
		   fault->kind == FAULT_ORPHAN ? OPTIONS | PTRACE_O_TRACEEXIT : OPTIONS)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(gate[1]);
		return false;
	}
	add_task(&tracer, pid);
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	alarm(TIME_LIMIT);
	close(gate[1]);
	follow(&tracer);
	alarm(0);
	return true;
}
