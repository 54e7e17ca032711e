/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors in flight, in messages that nobody has received yet, arrive in a dump and in its
 * dump: files with their position, the end of a pipe that exists nowhere else, a socket that has
 * itself descriptors in its queue, one that the process also has. Those of other kinds are
 * refused.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/refuse.h"

static int stream[2], datagrams[2], own;

/* Sends the text with the descriptors. */
static void put(int to, const char *text, const int *fds, size_t count)
{
	char control[CMSG_SPACE(4 * sizeof(int))] = { 0 };
	struct iovec part = { (void *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	CHECK_EQUAL(sendmsg(to, &message, 0), strlen(text));
}

/* Receives the text, and as many descriptors as are to come. */
static void get(int from, const char *text, int *fds, size_t count)
{
	char control[CMSG_SPACE(4 * sizeof(int))], bytes[20] = "";
	struct iovec part = { bytes, sizeof(bytes) - 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head;

	CHECK_EQUAL(recvmsg(from, &message, MSG_DONTWAIT), strlen(text));
	CHECK_STRING(bytes, text);
	head = CMSG_FIRSTHDR(&message);
	CHECK_EQUAL(head ? head->cmsg_len : 0, count ? CMSG_LEN(count * sizeof(int)) : 0);
	if (count)
		memcpy(fds, CMSG_DATA(head), count * sizeof(int));
}

static int make_file(void)
{
	int fd = open(roundtrip_path("file"), O_RDWR | O_CREAT, 0600);

	CHECK_EQUAL(write(fd, "0123456789", 10), 10);
	CHECK_EQUAL(lseek(fd, 4, SEEK_SET), 4);
	return fd;
}

static void set_up(void)
{
	int fds[4], ends[2], inner[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, stream));
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams));
	own = dup(make_file());
	CHECK(!pipe(ends));
	CHECK_EQUAL(write(ends[1], "pipe", 4), 4);
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, inner));
	fds[0] = open(roundtrip_path("file"), O_RDONLY | O_APPEND);
	CHECK_EQUAL(lseek(fds[0], 7, SEEK_SET), 7);
	put(inner[0], "inner", fds, 1);
	fds[1] = ends[0];
	put(stream[0], "first", fds, 2);
	CHECK_EQUAL(write(stream[0], "plain", 5), 5);
	fds[2] = inner[1];
	fds[3] = own;
	put(stream[0], "third", fds + 2, 2);
	put(datagrams[1], "one", &ends[1], 1);
	CHECK_EQUAL(write(datagrams[1], "two", 3), 3);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(ends[1]);
	close(inner[0]);
}

static void check_text(int fd, const char *expected)
{
	char text[20] = "";

	CHECK(read(fd, text, sizeof(text) - 1) >= 0);
	CHECK_STRING(text, expected);
}

static void check_all(void)
{
	int first[2], third[2], inner, writer, next;

	get(stream[1], "first", first, 2);
	get(stream[1], "plainthird", third, 2);
	get(datagrams[0], "one", &writer, 1);
	get(datagrams[0], "two", NULL, 0);
	check_text(first[0], "789");
	get(third[0], "inner", &inner, 1);
	CHECK_EQUAL(lseek(inner, 0, SEEK_CUR), 10); /* it is the file of first[0] */
	CHECK_EQUAL(fcntl(inner, F_GETFL) & O_APPEND, O_APPEND);
	CHECK_EQUAL(lseek(own, 2, SEEK_SET), 2);
	CHECK_EQUAL(lseek(third[1], 0, SEEK_CUR), 2);
	check_text(first[1], "pipe");
	CHECK_EQUAL(write(writer, "more", 4), 4);
	check_text(first[1], "more");
	close(writer);
	check_text(first[1], "");
	CHECK_EQUAL(read(third[0], &next, 1), 0);
	/* No number is taken that was free. */
	next = dup(0);
	CHECK(next < 20);
}

static void refuse_others(void)
{
	int pair[2], event = eventfd(0, 0), ends[2];
	char words[90];
	struct unexec_report *report;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	put(pair[0], "x", &event, 1);
	close(event);
	report = refuse_dump(roundtrip_path("none"));
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "in flight", NULL);
	unexec_report_free(report);
	/* Standard input is not the process's own. */
	CHECK_EQUAL(recv(pair[1], words, 1, 0), 1);
	CHECK(!pipe(ends));
	CHECK_EQUAL(dup2(ends[0], 0), 0);
	put(pair[0], "x", &ends[1], 1);
	close(ends[0]);
	close(ends[1]);
	report = refuse_dump(roundtrip_path("none"));
	snprintf(words, sizeof(words), "descriptor %d is a socket with a descriptor in flight that "
				       "is a pipe", pair[1]);
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, words, NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	roundtrip_begin();
	refuse_others();
	set_up();
	roundtrip_cut();
	roundtrip_cut();
	check_all();
	return 0;
}
