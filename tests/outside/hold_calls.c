/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes that are held while they wait in a system call. The call continues to wait, for the
 * remaining time or for its event, and does not return EINTR.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch_registers.h"
#include "hold.h"

static const struct timespec wait_time = { .tv_nsec = WAIT_MS * 1000000L };

/* ---- With a time ---------------------------------------------------------------------- */

static void sleeps(void)
{
	hold_ready();
	CHECK(!nanosleep(&wait_time, NULL));
	CHECK(hold_was_a_wait());
}

static void sleeps_until(void)
{
	struct timespec time;

	hold_ready();
	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += wait_time.tv_nsec;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	CHECK(!clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL));
	CHECK(hold_was_a_wait());
}

static void polls(void)
{
	struct pollfd one = { hold_shared->pipe[0], POLLIN, 0 };

	hold_ready();
	CHECK(poll(&one, 1, WAIT_MS) == 0);
	CHECK(hold_was_a_wait());
}

static void ppolls(void)
{
	struct pollfd one = { hold_shared->pipe[0], POLLIN, 0 };
	sigset_t mask, after;

	sigfillset(&mask);
	sigdelset(&mask, SIGALRM);
	hold_ready();
	CHECK(ppoll(&one, 1, &wait_time, &mask) == 0);
	CHECK(hold_was_a_wait());
	sigemptyset(&after);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &after));
	CHECK(sigisemptyset(&after));
}

static void selects(void)
{
	struct timeval time = { .tv_usec = WAIT_MS * 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(hold_shared->pipe[0], &set);
	hold_ready();
	CHECK(select(hold_shared->pipe[0] + 1, &set, NULL, NULL, &time) == 0);
	CHECK(hold_was_a_wait());
	CHECK(time.tv_usec == 0);
}

static void waits_on_futex(void)
{
	int word = 0;

	hold_ready();
	CHECK(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &wait_time, NULL, 0) == -1);
	CHECK(errno == ETIMEDOUT);
	CHECK(hold_was_a_wait());
}

static void waits_for_signal_in_vain(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	hold_ready();
	CHECK(sigtimedwait(&set, NULL, &wait_time) == -1);
	CHECK(errno == EAGAIN);
}

/* ---- For something -------------------------------------------------------------------- */

static void write_byte(pid_t pid)
{
	(void)pid;
	CHECK(write(hold_shared->pipe[1], "x", 1) == 1);
}

static void reads(void)
{
	char byte;

	hold_ready();
	CHECK(read(hold_shared->pipe[0], &byte, 1) == 1);
	CHECK(byte == 'x' && hold_shared->woken);
}

static void polls_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int set = epoll_create1(0);

	CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, hold_shared->pipe[0], &event));
	hold_ready();
	CHECK(epoll_wait(set, &event, 1, -1) == 1);
	CHECK(hold_shared->woken);
}

static void polls_epoll_masked(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0);
	sigset_t mask, after;

	CHECK(!epoll_ctl(set, EPOLL_CTL_ADD, hold_shared->pipe[0], &event));
	sigfillset(&mask);
	hold_ready();
	CHECK(epoll_pwait(set, &event, 1, 20000, &mask) == 1);
	CHECK(hold_shared->woken);
	sigemptyset(&after);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &after));
	CHECK(sigisemptyset(&after));
}

static void wake_futex(pid_t pid)
{
	(void)pid;
	hold_shared->other = 1;
	CHECK(syscall(SYS_futex, &hold_shared->other, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
}

static void waits_on_shared_futex(void)
{
	hold_ready();
	/* EAGAIN: the call was woken before it had restarted. */
	CHECK(!syscall(SYS_futex, &hold_shared->other, FUTEX_WAIT, 0, NULL, NULL, 0)
	      || errno == EAGAIN);
	CHECK(hold_shared->other == 1);
}

static void send_signal(pid_t pid)
{
	const union sigval value = { .sival_int = 77 };

	CHECK(!sigqueue(pid, SIGUSR1, value));
}

static void block(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
	CHECK(!sigprocmask(SIG_BLOCK, set, NULL));
}

static void waits_for_signal(void)
{
	const struct timespec time = { .tv_sec = 20 };
	siginfo_t info;
	sigset_t set;

	block(&set);
	hold_ready();
	CHECK(sigtimedwait(&set, &info, &time) == SIGUSR1);
	CHECK(info.si_value.sival_int == 77);
}

static volatile sig_atomic_t handled;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	handled = info->si_value.sival_int;
}

static void handle(int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	CHECK(!sigaction(SIGUSR1, &action, NULL));
}

static void suspends(void)
{
	sigset_t set, all, after;

	handle(0);
	block(&set);
	sigfillset(&all);
	sigdelset(&all, SIGUSR1);
	hold_ready();
	CHECK(sigsuspend(&all) == -1 && errno == EINTR);
	CHECK(handled == 77);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &after));
	CHECK(sigismember(&after, SIGUSR1) && !sigismember(&after, SIGUSR2));
}

/* A handler interrupts it as before. */
static void polls_epoll_until_signal(void)
{
	struct epoll_event event;
	int set = epoll_create1(0);

	handle(SA_RESTART);
	hold_ready();
	CHECK(epoll_wait(set, &event, 1, -1) == -1 && errno == EINTR);
	CHECK(handled == 77);
}

static void pauses(void)
{
	handle(SA_RESTART);
	hold_ready();
	CHECK(pause() == -1 && errno == EINTR);
	CHECK(handled == 77);
}

/* An abstract address that no other test uses. */
static struct sockaddr_un address_of(pid_t test)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "unexec-test-hold-%d",
		 (int)test);
	return address;
}

static void connect_to(pid_t pid)
{
	struct sockaddr_un address = address_of(getpid());
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)pid;
	CHECK(!connect(client, (struct sockaddr *)&address, sizeof(address)));
	CHECK(write(client, "x", 1) == 1);
	close(client);
}

/* The timeout keeps the kernel from restarting the call by itself. */
static void accepts(void)
{
	const struct timeval time = { .tv_sec = 20 };
	struct sockaddr_un address = address_of(getppid());
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), got;
	char byte;

	CHECK(!setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)));
	CHECK(!bind(listener, (struct sockaddr *)&address, sizeof(address)));
	CHECK(!listen(listener, 1));
	hold_ready();
	got = accept(listener, NULL, NULL);
	CHECK(got >= 0);
	CHECK(recv(got, &byte, 1, 0) == 1 && byte == 'x');
}

static void waits_for_child(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		hold_sleep(WAIT_MS);
		_exit(3);
	}
	hold_ready();
	CHECK(wait(&status) == child);
	CHECK(WEXITSTATUS(status) == 3);
	CHECK(wait(&status) == -1 && errno == ECHILD);
}

static void hold_parent(pid_t pid)
{
	hold_once(pid);
	hold_once(pid);
}

static void waits_for_semaphore(void)
{
	int set = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf take = { .sem_op = -1 };
	int result, error;

	CHECK(set >= 0);
	hold_ready();
	result = semtimedop(set, &take, 1, &wait_time);
	error = errno;
	semctl(set, 0, IPC_RMID);
	CHECK(result == -1 && error == EAGAIN);
}

static void hold_again(pid_t pid)
{
	struct report report = { .sink = report_to_stderr };
	struct arch_registers registers;
	struct tracee tracee;

	for (int i = 0; i < 2; i++) {
		CHECK(!tracee_attach(&tracee, pid, &report));
		CHECK((arch_syscall_number(&tracee.threads[0].registers) == SYS_restart_syscall)
		      == (i > 0));
		tracee_registers(&tracee, 0, &registers);
		CHECK(arch_syscall_number(&registers) == SYS_nanosleep
		      || arch_syscall_number(&registers) == SYS_clock_nanosleep);
		tracee_end(&tracee);
		hold_sleep(20);
	}
}

const struct hold_case hold_calls[] = {
	{ "nanosleep", sleeps, NULL, NULL, 0 },
	{ "nanosleep, held twice", sleeps, NULL, hold_again, 0 },
	{ "clock_nanosleep", sleeps_until, NULL, NULL, 0 },
	{ "poll", polls, NULL, NULL, 0 },
	{ "ppoll", ppolls, NULL, NULL, 0 },
	{ "select", selects, NULL, NULL, 0 },
	{ "futex with a timeout", waits_on_futex, NULL, NULL, 0 },
	{ "sigtimedwait in vain", waits_for_signal_in_vain, NULL, NULL, 0 },
	{ "semtimedop", waits_for_semaphore, NULL, NULL, 0 },
	{ "read", reads, write_byte, NULL, 0 },
	{ "epoll_wait", polls_epoll, write_byte, NULL, 0 },
	{ "epoll_pwait", polls_epoll_masked, write_byte, NULL, 0 },
	{ "futex", waits_on_shared_futex, wake_futex, NULL, 0 },
	{ "sigtimedwait", waits_for_signal, send_signal, NULL, 0 },
	{ "sigsuspend", suspends, send_signal, NULL, 0 },
	{ "epoll_wait with a signal", polls_epoll_until_signal, send_signal, NULL, 0 },
	{ "pause", pauses, send_signal, NULL, 0 },
	{ "accept", accepts, connect_to, NULL, 0 },
	{ "wait", waits_for_child, NULL, hold_parent, 0 },
	{ 0 },
};
