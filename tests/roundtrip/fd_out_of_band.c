/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The out-of-band byte of a UNIX-domain stream keeps its place in a dump and in its dump: first,
 * last, between ordinary bytes, inline, after one that is ordinary by now, after the end of its
 * sender. That of a TCP connection is named.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/refuse.h"

/* "^x": x is sent out of band. `read`: what recv() returns, one after the other; the byte itself
 * is in brackets if it is not inline. */
static const struct {
	const char *sent, *received;
	bool is_inline, ends;
} cases[] = {
	{ "abc^xdef", "abc|[x]|def|", false, false },
	{ "^xdef", "[x]|def|", false, false },
	{ "abc^x", "abc|[x]|", false, false },
	{ "^x", "[x]|", false, false },
	{ "abc^xdef", "abc|xdef|", true, false },
	{ "a^bc^de", "abc|[d]|e|", false, false },
	{ "abc^xdef", "abc|[x]|def|.", false, true },
	{ "abc", "abc|", false, false },
};
enum { COUNT = sizeof(cases) / sizeof(*cases) };
static int pairs[COUNT][2];

static void put(int fd, const char *text)
{
	for (; *text; text++) {
		int flags = *text == '^' ? MSG_OOB : 0;

		text += flags != 0;
		CHECK_EQUAL(send(fd, text, 1, flags), 1);
	}
}

static void set_up(void)
{
	int on = 1;

	for (int i = 0; i < COUNT; i++) {
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]));
		if (cases[i].is_inline)
			CHECK(!setsockopt(pairs[i][1], SOL_SOCKET, SO_OOBINLINE, &on,
					  sizeof(on)));
		put(pairs[i][0], cases[i].sent);
		if (cases[i].ends)
			close(pairs[i][0]);
	}
}

/* Returns whether the reader is at the byte. */
static bool is_at_mark(int fd)
{
	int mark = 0;

	CHECK(!ioctl(fd, SIOCATMARK, &mark));
	return mark;
}

/* Appends what is received, until there is no more. */
static void receive(int fd, bool is_inline, char text[60])
{
	ssize_t got;
	char bytes[20], urgent;

	*text = 0;
	for (;;) {
		if (!is_inline && is_at_mark(fd)) {
			CHECK_EQUAL(recv(fd, &urgent, 1, MSG_OOB), 1);
			snprintf(text + strlen(text), 10, "[%c]|", urgent);
		}
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got <= 0)
			break;
		snprintf(text + strlen(text), 30, "%.*s|", (int)got, bytes);
	}
	if (!got)
		strcat(text, ".");
}

static void check_all(void)
{
	char text[60];

	for (int i = 0; i < COUNT; i++) {
		struct pollfd events = { .fd = pairs[i][1], .events = POLLPRI };

		CHECK_EQUAL(poll(&events, 1, 0) == 1 && events.revents & POLLPRI,
			    strchr(cases[i].sent, '^') != NULL);
		receive(pairs[i][1], cases[i].is_inline, text);
		CHECK_STRING(text, cases[i].received);
	}
}

static void refuse_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0), ends[2];
	struct pollfd events = { .events = POLLPRI };
	struct unexec_report *report;

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!bind(listening, (struct sockaddr *)&address, length) && !listen(listening, 1));
	CHECK(!getsockname(listening, (struct sockaddr *)&address, &length));
	CHECK(!connect(ends[0], (struct sockaddr *)&address, length));
	events.fd = ends[1] = accept(listening, NULL, NULL);
	CHECK_EQUAL(send(ends[0], "x", 1, MSG_OOB), 1);
	CHECK_EQUAL(poll(&events, 1, -1), 1);
	report = refuse_dump(roundtrip_path("none"));
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "out-of-band", NULL);
	unexec_report_free(report);
	close(listening);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	int probe[2];

	roundtrip_begin();
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, probe));
	if (send(probe[0], "x", 1, MSG_OOB) < 0 && errno == EOPNOTSUPP)
		roundtrip_skip("the kernel has no MSG_OOB in UNIX-domain sockets");
	close(probe[0]);
	close(probe[1]);
	refuse_tcp();
	set_up();
	roundtrip_cut();
	roundtrip_cut();
	check_all();
	return 0;
}
