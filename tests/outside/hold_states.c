/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes that are held in states other than a waiting system call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/prctl.h>
#if __GLIBC_PREREQ(2, 35)
#include <sys/rseq.h>
#endif
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch_registers.h"
#include "hold.h"

static struct report report = { .sink = report_to_stderr };

/* Holds the process again and again, at any instruction. */
static void hold_often(pid_t pid)
{
	for (int i = 0; i < 40; i++) {
		hold_sleep(1 + i % 3);
		hold_once(pid);
	}
}

static void alarm_handler(int number)
{
	(void)number;
	hold_shared->count++;
}

/* ---- Computing ------------------------------------------------------------------------ */

static double compute(long steps)
{
	double value = 1;

	for (long i = 1; i < steps; i++)
		value = value * 0.999999 + 1.0 / (double)i;
	return value;
}

static void computes(void)
{
	double right = compute(1000000);

	hold_ready();
	do
		CHECK(compute(1000000) == right);
	while (!hold_shared->woken);
}

/* Spends most of the time in the vDSO. A thread must not be left in its code. */
static void read_clock(void)
{
	struct timespec before, now;

	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int i = 0; i < 1000; i++) {
		CHECK(!clock_gettime(CLOCK_MONOTONIC, &now));
		CHECK(now.tv_sec > before.tv_sec
		      || (now.tv_sec == before.tv_sec && now.tv_nsec >= before.tv_nsec));
		before = now;
	}
}

static void reads_clock(void)
{
	hold_ready();
	while (!hold_shared->woken)
		read_clock();
}

static void hold_outside_of_vdso(pid_t pid)
{
	struct tracee tracee;
	uint64_t start, end;

	CHECK(!tracee_find_vdso(pid, &start, &end));
	for (int i = 0; i < 100; i++) {
		CHECK(!tracee_attach(&tracee, pid, &report));
		CHECK(arch_counter(&tracee.threads[0].registers) - start >= end - start);
		tracee_end(&tracee);
		hold_sleep(1);
	}
	hold_often(pid);
}

/* SIGTRAP is ignored and blocked; single steps could change that. */
static void reads_clock_without_sigtrap(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t set, after;

	CHECK(!sigaction(SIGTRAP, &action, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGTRAP);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	hold_ready();
	while (!hold_shared->woken) {
		read_clock();
		CHECK(!sigaction(SIGTRAP, NULL, &action));
		CHECK(action.sa_handler == SIG_IGN);
		CHECK(!sigprocmask(SIG_SETMASK, NULL, &after));
		CHECK(sigismember(&after, SIGTRAP) && !sigismember(&after, SIGUSR1));
	}
}

/* ---- rseq ----------------------------------------------------------------------------- */

#if defined(__x86_64__) && __GLIBC_PREREQ(2, 35)
/* Stays in a critical section until the test reports that it has been held. If the section is
 * aborted, it counts that and starts again. */
static void is_in_section(void)
{
	struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	hold_ready();
	if (!__rseq_size)
		return;
	__asm__ volatile(".pushsection __rseq_cs, \"aw\"\n"
			 ".balign 32\n"
			 "0:\n"
			 ".long 0, 0\n"
			 ".quad 2f, 3f - 2f, 4f\n"
			 ".popsection\n"
			 "1:\n"
			 "lock incl %[tries]\n"
			 "leaq 0b(%%rip), %%rax\n"
			 "movq %%rax, %[section]\n"
			 "2:\n"
			 "pause\n"
			 "cmpl $0, %[held]\n"
			 "je 2b\n"
			 "3:\n"
			 "jmp 5f\n"
			 ".long 0x53053053\n"
			 "4:\n"
			 "jmp 1b\n"
			 "5:\n"
			 : [section] "+m"(area->rseq_cs), [tries] "+m"(hold_shared->count)
			 : [held] "m"(hold_shared->other)
			 : "rax", "memory", "cc");
}

static void hold_in_section(pid_t pid)
{
	for (int i = 0; i < 20; i++) {
		int tries = hold_shared->count;

		hold_once(pid);
		hold_sleep(5);
		CHECK(!tries || hold_shared->count > tries);
	}
	hold_shared->other = 1;
}
#define RSEQ_CASES { "rseq section", is_in_section, NULL, hold_in_section, 0 },
#else
#define RSEQ_CASES
#endif

/* ---- Signals -------------------------------------------------------------------------- */

static void has_timers(void)
{
	const struct itimerval each = { { 0, 5000 }, { 0, 5000 } };
	struct sigaction action = { .sa_handler = alarm_handler, .sa_flags = SA_RESTART };

	CHECK(!sigaction(SIGPROF, &action, NULL));
	CHECK(!sigaction(SIGUSR2, &action, NULL));
	CHECK(!setitimer(ITIMER_PROF, &each, NULL));
	hold_ready();
	computes();
	CHECK(hold_shared->count > 5);
}

static void spin_handler(int number)
{
	int on_this_stack;
	stack_t stack;

	(void)number;
	CHECK(!sigaltstack(NULL, &stack));
	CHECK(stack.ss_flags == SS_ONSTACK);
	CHECK((char *)&on_this_stack - (char *)stack.ss_sp < (long)stack.ss_size);
	computes();
}

static void is_in_handler(void)
{
	struct sigaction action = { .sa_handler = spin_handler, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_size = 65536, .ss_sp = malloc(65536) };
	sigset_t after;

	sigaddset(&action.sa_mask, SIGUSR2);
	CHECK(!sigaction(SIGUSR1, &action, NULL));
	CHECK(!sigaltstack(&stack, NULL));
	CHECK(!raise(SIGUSR1));
	sigemptyset(&after);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &after));
	CHECK(sigisemptyset(&after));
}

static void hold_in_handler(pid_t pid)
{
	struct tracee tracee;
	stack_t stack;

	hold_often(pid);
	CHECK(!tracee_attach(&tracee, pid, &report));
	CHECK(tracee.threads[0].mask & UINT64_C(1) << (SIGUSR2 - 1));
	CHECK(!tracee_do(&tracee, 0, SYS_sigaltstack, 0, tracee_scratch(&tracee)));
	CHECK(!tracee_read(&tracee, tracee.scratch, &stack, sizeof(stack)));
	CHECK(stack.ss_flags == SS_ONSTACK);
	tracee_end(&tracee);
}

static void waits_for_signals(void)
{
	struct sigaction action = { .sa_handler = alarm_handler };

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	hold_ready();
	while (!hold_shared->woken)
		pause();
	CHECK(hold_shared->count == 2);
}

/* Signals that are sent to a held process are pending until it continues. */
static void hold_against_signals(pid_t pid)
{
	struct tracee tracee;

	CHECK(!tracee_attach(&tracee, pid, &report));
	CHECK(!kill(pid, SIGUSR1));
	CHECK(tracee_do(&tracee, 0, SYS_getpid) == pid);
	CHECK(tracee_copy(&tracee) > 0);
	hold_sleep(20);
	CHECK(hold_shared->count == 0);
	tracee_go_on(&tracee);
	hold_sleep(20);
	CHECK(hold_shared->count == 1);
	tracee_end(&tracee);
	hold_shared->woken = 1;
	CHECK(!kill(pid, SIGUSR1));
}

/* ---- Stopped -------------------------------------------------------------------------- */

static void sleeps_long(void)
{
	hold_ready();
	while (!hold_shared->woken)
		hold_sleep(10);
}

static void hold_stopped(pid_t pid)
{
	int status;

	CHECK(!kill(pid, SIGSTOP));
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	for (int i = 0; i < 3; i++) {
		hold_once(pid);
		CHECK(hold_becomes(pid, 'T'));
		/* The stop is not reported again. */
		CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
	}
	CHECK(!kill(pid, SIGCONT));
}

/* SIGSTOP is sent while the process does our calls. */
static void hold_against_stop(pid_t pid)
{
	struct tracee tracee;

	CHECK(!tracee_attach(&tracee, pid, &report));
	CHECK(tracee_do(&tracee, 0, SYS_getpid) == pid);
	CHECK(!kill(pid, SIGSTOP));
	CHECK(tracee_do(&tracee, 0, SYS_getpid) == pid);
	CHECK(tracee_copy(&tracee) > 0);
	tracee_go_on(&tracee);
	hold_sleep(20);
	CHECK(hold_becomes(pid, 'T'));
	tracee_end(&tracee);
	hold_sleep(20);
	CHECK(hold_becomes(pid, 'T'));
	CHECK(!kill(pid, SIGCONT));
}

/* ---- Threads -------------------------------------------------------------------------- */

static void *count_up(void *unused)
{
	(void)unused;
	hold_shared->count++;
	return NULL;
}

static void *make_threads(void *unused)
{
	pthread_t threads[4];

	(void)unused;
	while (!hold_shared->woken) {
		for (int i = 0; i < 4; i++)
			CHECK(!pthread_create(&threads[i], NULL, count_up, NULL));
		for (int i = 0; i < 4; i++)
			CHECK(!pthread_join(threads[i], NULL));
		hold_shared->other += 4;
	}
	return NULL;
}

static void has_coming_threads(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, make_threads, NULL));
	hold_ready();
	make_threads(NULL);
	CHECK(!pthread_join(thread, NULL));
	CHECK(hold_shared->count == hold_shared->other);
}

static void *sleep_and_end(void *unused)
{
	hold_ready();
	while (!hold_shared->woken)
		hold_sleep(5);
	exit(0);
	return unused;
}

static void has_no_first_thread(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, sleep_and_end, NULL));
	pthread_exit(NULL);
}

/* ---- vfork ---------------------------------------------------------------------------- */

static void vforks(int milliseconds)
{
	const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
	pid_t child;
	int status;

	hold_ready();
	child = vfork();
	if (!child) {
		syscall(SYS_nanosleep, &time, NULL);
		_exit(3);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
}

static void vforks_shortly(void)
{
	vforks(WAIT_MS);
	CHECK(hold_was_a_wait());
	sleeps_long();
}

static void vforks_long(void)
{
	vforks(7000);
}

static void expect_refusal(void *context, const struct unexec_diagnostic *diagnostic)
{
	const char *wanted = context;

	if (!strstr(diagnostic->text, wanted))
		fprintf(stderr, "'%s' has no '%s'\n", diagnostic->text, wanted);
	CHECK(strstr(diagnostic->text, wanted));
}

static void hold_in_vfork(pid_t pid)
{
	hold_expect(pid, "cannot be stopped: it waits for a child that it made with vfork");
	CHECK(hold_becomes(pid, 'D'));
}

/* ---- The end -------------------------------------------------------------------------- */

static void has_victim(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		hold_shared->other = getpid();
		hold_ready();
		for (;;)
			hold_sleep(10);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Killed while it is held: nothing hangs. */
static void hold_victim(pid_t parent)
{
	struct tracee tracee;
	pid_t pid = hold_shared->other;

	(void)parent;
	CHECK(!tracee_attach(&tracee, pid, &report));
	CHECK(tracee_do(&tracee, 0, SYS_getpid) == pid);
	CHECK(!kill(pid, SIGKILL));
	hold_sleep(10);
	CHECK(tracee_do(&tracee, 0, SYS_getpid) == -ESRCH);
	CHECK(!tracee_scratch(&tracee));
	CHECK(tracee_copy(&tracee) == -ESRCH);
	tracee_end(&tracee);
}

static void hold_and_end(pid_t parent)
{
	struct tracee tracee;

	(void)parent;
	CHECK(!tracee_attach(&tracee, hold_shared->other, &report));
	CHECK(tracee_copy(&tracee) > 0);
	tracee_kill(&tracee);
	CHECK(hold_state(hold_shared->other) == 'Z' || hold_state(hold_shared->other) == 0);
}

static void has_threads_and_sleeps(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, sleep_and_end, NULL));
	sleeps_long();
}

/* The process ends with our status, and not with its own. */
static void has_child_that_exits(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		hold_shared->other = getpid();
		has_threads_and_sleeps();
		_exit(1);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void hold_and_exit(pid_t parent)
{
	struct tracee tracee;

	(void)parent;
	CHECK(!tracee_attach(&tracee, hold_shared->other, &report));
	tracee_exit(&tracee, 42);
}

/* A signal that would end us while the process does our calls is delayed until it is back. */
static void hold_and_be_killed(pid_t pid)
{
	struct tracee tracee;
	int status;
	pid_t child = fork();

	if (!child) {
		CHECK(!tracee_attach(&tracee, pid, &report));
		CHECK(tracee_do(&tracee, 0, SYS_getpid) == pid);
		raise(SIGTERM);
		CHECK(tracee_copy(&tracee) > 0);
		_exit(1);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	hold_sleep(20);
	CHECK(hold_state(pid) != 't');
}

/* ---- Confined ------------------------------------------------------------------------- */

/* False if the capability is missing. */
static bool drop_capability(int which)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	bool was_there;

	CHECK(!syscall(SYS_capget, &header, data));
	was_there = data[CAP_TO_INDEX(which)].effective & CAP_TO_MASK(which);
	data[CAP_TO_INDEX(which)].effective &= ~CAP_TO_MASK(which);
	data[CAP_TO_INDEX(which)].permitted &= ~CAP_TO_MASK(which);
	CHECK(!syscall(SYS_capset, &header, data));
	return was_there;
}

static void is_filtered(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_gettid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { 4, filter };

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	sleeps_long();
}

/* Only root may suspend the filter; for others the hold fails before anything happens. */
static void hold_filtered(pid_t pid)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct report refused = { .sink = expect_refusal,
					  .context = (char *)(uintptr_t)"seccomp filter" };
		struct tracee tracee;

		bool was_there = drop_capability(CAP_SYS_ADMIN);

		CHECK(tracee_attach(&tracee, pid, &refused) == -1);
		_exit(was_there ? 2 : 0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	if (WEXITSTATUS(status) == 2)
		hold_thrice(pid);
}

/* ---- Another pid namespace ------------------------------------------------------------ */

static void is_first_of_namespace(void)
{
	pid_t child;
	int status;

	hold_shared->other = -1;
	if (unshare(CLONE_NEWPID)) {
		hold_ready();
		return;
	}
	child = fork();
	if (!child) {
		CHECK(getpid() == 1);
		has_threads_and_sleeps();
		_exit(0);
	}
	hold_shared->other = child;
	CHECK(waitpid(child, &status, 0) == child && !status);
}

static void hold_in_namespace(pid_t parent)
{
	(void)parent;
	if (hold_shared->other > 0)
		hold_thrice(hold_shared->other);
}

const struct hold_case hold_states[] = {
	{ "computing", computes, NULL, hold_often, 0 },
	{ "vDSO", reads_clock, NULL, hold_outside_of_vdso, 0 },
	{ "vDSO without SIGTRAP", reads_clock_without_sigtrap, NULL, hold_often, 0 },
	RSEQ_CASES
	{ "timers", has_timers, NULL, hold_often, 0 },
	{ "signal handler", is_in_handler, NULL, hold_in_handler, 0 },
	{ "signals that come", waits_for_signals, NULL, hold_against_signals, 0 },
	{ "stopped", sleeps_long, NULL, hold_stopped, 0 },
	{ "stopped while held", sleeps_long, NULL, hold_against_stop, 0 },
	{ "threads that come and go", has_coming_threads, NULL, hold_often, 0 },
	{ "first thread gone", has_no_first_thread, NULL, hold_often, 0 },
	{ "killed", has_victim, NULL, hold_victim, 0 },
	{ "ended", has_victim, NULL, hold_and_end, 0 },
	{ "made to exit", has_child_that_exits, NULL, hold_and_exit, 0 },
	{ "we are killed", sleeps_long, NULL, hold_and_be_killed, 0 },
	{ "seccomp filter", is_filtered, NULL, hold_filtered, 0 },
	{ "pid namespace", is_first_of_namespace, NULL, hold_in_namespace, 0 },
	{ "vfork", vforks_shortly, NULL, hold_once, 0 },
	{ "vfork for long", vforks_long, NULL, hold_in_vfork, 0 },
	{ 0 },
};
