/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors whose other end is outside the process are refused, each by its number and kind,
 * all in one report; standard descriptors may be anything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
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

/* Returns a client of a new listening socket, whose address is stored. */
static int connect_waiting(struct sockaddr *address, socklen_t length, int *ret_listening)
{
	int client = socket(address->sa_family, SOCK_STREAM, 0);

	*ret_listening = socket(address->sa_family, SOCK_STREAM, 0);
	CHECK(!bind(*ret_listening, address, address->sa_family == AF_UNIX ? sizeof(sa_family_t)
									   : length));
	CHECK(!getsockname(*ret_listening, address, &length));
	CHECK(!listen(*ret_listening, 1) && !connect(client, address, length));
	return client;
}

/* Its data cannot be read before somebody accepts the connection. */
static int connect_and_send(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listening, client = connect_waiting((struct sockaddr *)&address, sizeof(address),
						&listening);

	CHECK_EQUAL(write(client, "x", 1), 1);
	return client;
}

/* The other end becomes standard output, which is not the process's own. */
static int connect_outside(char name[40])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listening, client = connect_waiting((struct sockaddr *)&address, sizeof(address),
						&listening);
	int accepted = accept(listening, NULL, NULL);

	CHECK_EQUAL(dup2(accepted, 1), 1);
	close(accepted);
	snprintf(name, 40, "connection to 127.0.0.1:%u", ntohs(address.sin_port));
	return client;
}

int main(void)
{
	int in[2], out[2], sockets[2], standard[2], child, named, terminal, client, sender, outside;
	char outside_name[40];
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
	sender = connect_and_send();
	outside = connect_outside(outside_name);
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
	expect(report, sender, "not accepted yet");
	expect(report, outside, outside_name);
	/* A closed peer is no obstacle. */
	CHECK_EQUAL(refuse_errors(report), 11);
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
