/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors whose other end is outside the process are refused, each by its number and kind,
 * all in one report; standard descriptors may be anything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/refuse.h"

static void expect(const struct unexec_report *report, int fd, const char *kind)
{
	char number[30];

	CHECK(fd > 2);
	snprintf(number, sizeof(number), "descriptor %d ", fd);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, number, kind, NULL);
}

/* Starts a child that holds the other ends. */
static pid_t start_other(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	CHECK(pid > 0);
	return pid;
}

static int connect_to_self(void)
{
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	int client = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr address = { .sa_family = AF_UNIX, .sa_data = "\0unexec" };

	CHECK(!bind(listening, &address, sizeof(address)) && !listen(listening, 1));
	CHECK(!connect(client, &address, sizeof(address)));
	close(listening);
	return client;
}

int main(void)
{
	int in[2], out[2], sockets[2], standard[2], child, named, terminal, client;
	struct unexec_report *report;
	pid_t other;
	char *path, name[40];
	int foreign;

	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!pipe(in) && !pipe(out) && !pipe(standard));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	CHECK(!mkfifo(roundtrip_path("fifo"), 0600));
	named = open(roundtrip_path("fifo"), O_RDONLY | O_NONBLOCK);
	terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	other = start_other();
	child = (int)syscall(SYS_pidfd_open, other, 0);
	snprintf(name, sizeof(name), "/proc/%d/status", (int)other);
	foreign = open(name, O_RDONLY);
	client = connect_to_self();
	close(in[1]);
	close(out[0]);
	close(sockets[1]);
	dup2(standard[0], 0);
	close(standard[0]);
	report = refuse_dump(path);
	expect(report, in[0], "pipe with its other end outside");
	expect(report, out[1], "pipe with its other end outside");
	expect(report, standard[1], "standard input");
	expect(report, sockets[0], "socket with its other end outside");
	expect(report, named, "one end of a named pipe");
	expect(report, terminal, "character device|terminal");
	expect(report, child, "pidfd of another process");
	expect(report, foreign, "file of another process in /proc");
	refuse_expect(report, UNEXEC_CODE_CHILDREN, "1 child", NULL);
	/* A closed peer is no obstacle. */
	CHECK_EQUAL(refuse_errors(report), 9);
	unexec_report_free(report);
	(void)client;
	kill(other, SIGKILL);
	CHECK(waitpid(other, NULL, 0) == other);
	dup2(in[0], 0);
	dup2(sockets[0], 1);
	close_from(3);
	refuse_now_works(path);
	return 0;
}
