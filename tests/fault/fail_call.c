/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stands in for the unexec program and runs the real one, $REAL_TOOL, under a filter that
 * asks a supervisor about each system call of one kind (seccomp, user notification: no ptrace,
 * no privilege). One of them fails. What goes through pipes is left alone: it does not fail in
 * life, and would be the answer to the process that waits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "fault.h"

static struct fault_shared *shared;

__attribute__((noreturn)) static void cannot(const char *what)
{
	perror(what);
	if (shared)
		shared->skip = 1;
	_exit(77);
}

static void map_shared(void)
{
	const char *path = getenv(FAULT_SHARED);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *memory = fd < 0 ? MAP_FAILED
			      : mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
				     fd, 0);

	if (memory == MAP_FAILED)
		cannot(FAULT_SHARED);
	shared = memory;
	close(fd);
}

static int install_filter(uint32_t call)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* ---- The supervisor --------------------------------------------------------------------- */

static bool is_pipe(pid_t pid, uint64_t number)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, (int)number);
	return readlink(path, target, sizeof(target) - 1) > 0 && !strncmp(target, "pipe:", 5);
}

static bool must_fail(const struct seccomp_notif *call)
{
	if (call->data.nr == SYS_write && is_pipe((pid_t)call->pid, call->data.args[0]))
		return false;
	return ++shared->seen == shared->at;
}

static void supervise(int listener)
{
	struct pollfd wait = { .fd = listener, .events = POLLIN };

	while (poll(&wait, 1, -1) > 0 && wait.revents & POLLIN) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { 0 };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue;
		answer.id = call.id;
		if (must_fail(&call))
			answer.error = -shared->error;
		else
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* ---- Handing the listener over ---------------------------------------------------------- */

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void send_descriptor(int to, int descriptor)
{
	char byte = 0;
	union control control = { { 0 } };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
	if (sendmsg(to, &message, 0) != 1)
		cannot("sendmsg");
}

static int receive_descriptor(int from)
{
	char byte;
	union control control;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head;
	int descriptor = -1;

	if (recvmsg(from, &message, 0) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (head)
		memcpy(&descriptor, CMSG_DATA(head), sizeof(int));
	return descriptor;
}

/* Holds nothing open: the process that waits sees the end of its pipe only when nobody can
 * write to it any more. */
static void supervisor(int socket)
{
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(socket, 0);
	close_from(1);
	listener = receive_descriptor(0);
	if (listener >= 0)
		supervise(listener);
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *real = getenv("REAL_TOOL");
	int ends[2], listener;

	(void)argc;
	if (!real)
		return 99;
	map_shared();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		cannot("socketpair");
	switch (fork()) {
	case -1:
		cannot("fork");
	case 0:
		supervisor(ends[0]);
	}
	close(ends[0]);
	listener = install_filter(shared->call);
	if (listener < 0)
		cannot("seccomp");
	send_descriptor(ends[1], listener);
	close(listener);
	close(ends[1]);
	execv(real, argv);
	cannot(real);
}
