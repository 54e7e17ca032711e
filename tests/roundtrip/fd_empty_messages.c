/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Empty messages in the queue of a socket pair keep their place, first, last and between others,
 * in a dump of the dump, too. The kernel shows them to the first dump of a process only: a later
 * one warns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static const char *const messages[] = { "", "abc", "", "", "de", "" };
enum { COUNT = sizeof(messages) / sizeof(*messages) };
static int datagrams[2], packets[2], ended[2];

static void put_all(int fd)
{
	for (int i = 0; i < COUNT; i++)
		CHECK_EQUAL(send(fd, messages[i], strlen(messages[i]), MSG_DONTWAIT),
			    strlen(messages[i]));
}

static void expect_all(int fd)
{
	char text[10];

	for (int i = 0; i < COUNT; i++) {
		memset(text, 0, sizeof(text));
		CHECK_EQUAL(recv(fd, text, sizeof(text), MSG_DONTWAIT), strlen(messages[i]));
		CHECK_STRING(text, messages[i]);
	}
}

static void expect_nothing(int fd)
{
	char byte;

	CHECK_EQUAL(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	CHECK_EQUAL(errno, EAGAIN);
}

static unsigned warnings(void)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	unsigned count = 0;

	CHECK_EQUAL(unexec_dump(roundtrip_path("unused"), NULL, report), UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (strstr(diagnostic.text, "empty messages"))
			count++;
	unexec_report_free(report);
	return count;
}

static void check_second_dump(void)
{
	put_all(datagrams[0]);
	put_all(datagrams[1]);
	CHECK_EQUAL(warnings(), 0);
	CHECK_EQUAL(warnings(), 2);
	expect_all(datagrams[0]);
	expect_all(datagrams[1]);
	CHECK_EQUAL(warnings(), 0);
}

int main(void)
{
	roundtrip_begin();
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ended));
	put_all(datagrams[0]);
	put_all(datagrams[1]);
	put_all(packets[0]);
	put_all(ended[0]);
	CHECK(!shutdown(ended[0], SHUT_WR));
	roundtrip_cut();
	roundtrip_cut();
	expect_all(datagrams[1]);
	expect_all(datagrams[0]);
	expect_nothing(datagrams[0]);
	expect_nothing(datagrams[1]);
	expect_all(packets[1]);
	expect_nothing(packets[1]);
	expect_all(ended[1]);
	CHECK_EQUAL(recv(ended[1], (char[1]){ 0 }, 1, MSG_DONTWAIT), 0);
	check_second_dump();
	return 0;
}
