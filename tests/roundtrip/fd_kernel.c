/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An eventfd keeps its count, a signalfd its mask, a pidfd of the process is one of the new
 * process, each with its flags.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void check_count(int fd, uint64_t expected)
{
	uint64_t count = 0;

	CHECK_EQUAL(read(fd, &count, sizeof(count)), sizeof(count));
	CHECK_EQUAL(count, expected);
}

/* Kernels since 6.5 show which eventfds are semaphores; on older ones, a dump has no
 * semaphores. */
static int kernel_tells(int semaphore)
{
	char *path = NULL, *info;

	CHECK(asprintf(&path, "/proc/self/fdinfo/%d", semaphore) > 0);
	info = roundtrip_read(path);
	return strstr(info, "eventfd-semaphore") != NULL;
}

static void check_empty(int fd)
{
	uint64_t count;

	CHECK_EQUAL(read(fd, &count, sizeof(count)), -1);
	CHECK_EQUAL(errno, EAGAIN);
}

static void check_signals(int fd)
{
	struct signalfd_siginfo info;

	CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	kill(getpid(), SIGUSR2);
	CHECK_EQUAL(read(fd, &info, sizeof(info)), -1);
	kill(getpid(), SIGUSR1);
	CHECK_EQUAL(read(fd, &info, sizeof(info)), sizeof(info));
	CHECK_EQUAL(info.ssi_signo, SIGUSR1);
}

static void check_self(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };

	CHECK_EQUAL(poll(&end, 1, 0), 0);
	CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK(!syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

int main(void)
{
	int counter, semaphore, zero, full, signals, self, told;
	uint64_t most = UINT64_MAX - 1;
	sigset_t mask, both;

	roundtrip_begin();
	counter = eventfd(41, EFD_CLOEXEC);
	semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	zero = eventfd(0, EFD_NONBLOCK);
	full = eventfd(0, EFD_NONBLOCK);
	CHECK_EQUAL(write(full, &most, sizeof(most)), sizeof(most));
	CHECK(!eventfd_write(counter, 1));
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	both = mask;
	sigaddset(&both, SIGUSR2);
	sigprocmask(SIG_BLOCK, &both, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	CHECK(counter > 2 && semaphore > 2 && zero > 2 && signals > 2 && self > 2);
	told = kernel_tells(semaphore);
	roundtrip_cut();
	CHECK_EQUAL(fcntl(counter, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(zero, F_GETFD), 0);
	check_count(counter, 42);
	check_count(semaphore, told ? 1 : 2);
	if (told)
		check_count(semaphore, 1);
	check_empty(semaphore);
	check_empty(zero);
	check_count(full, most);
	check_signals(signals);
	check_self(self);
	return 0;
}
