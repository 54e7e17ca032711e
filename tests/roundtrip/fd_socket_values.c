/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options of sockets that are more than a number are preserved: names, structures, filters; and
 * those that another option has changed. A start that may not set one names it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "../lib/refuse.h"

static int tcp, udp, pair[2], marked;
static char congestion[16];
/* The rest of the message is cut off after 3 bytes. */
static const struct sock_filter accept_three[] = { BPF_STMT(BPF_RET | BPF_K, 3) };
static const unsigned char route[4] = { IPOPT_NOP, IPOPT_NOP, IPOPT_NOP, IPOPT_EOL };

static int option(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int value = -1;

	CHECK(!getsockopt(fd, level, name, &value, &length));
	return value;
}

static void set(int fd, int level, int name, int value)
{
	CHECK(!setsockopt(fd, level, name, &value, sizeof(value)));
}

/* Chooses another algorithm than that of a new socket, if there is one that everybody may
 * use. */
static void set_congestion(void)
{
	socklen_t length = sizeof(congestion);

	if (setsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, "reno", 4))
		setsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
	CHECK(!getsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, congestion, &length));
}

static void set_up(void)
{
	struct sock_fprog filter = { 1, (struct sock_filter *)accept_three };
	struct timeval time = { 3, 500000 };
	struct linger linger = { 1, 17 };

	tcp = socket(AF_INET, SOCK_STREAM, 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	set_congestion();
	CHECK(!setsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	CHECK(!setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)));
	CHECK(!setsockopt(tcp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	CHECK(!setsockopt(udp, IPPROTO_IP, IP_OPTIONS, route, sizeof(route)));
	CHECK(!setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)));
	set(pair[0], SOL_SOCKET, SO_LOCK_FILTER, 1);
	/* The priority is that of a new socket, but not of one with this type of service. */
	set(udp, IPPROTO_IP, IP_TOS, IPTOS_LOWDELAY);
	CHECK(option(udp, SOL_SOCKET, SO_PRIORITY) != 0);
	set(udp, SOL_SOCKET, SO_PRIORITY, 0);
}

static void check_strings(void)
{
	char name[16];
	socklen_t length = sizeof(name);

	CHECK(!getsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, name, &length));
	CHECK_STRING(name, congestion);
	length = sizeof(name);
	CHECK(!getsockopt(tcp, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
	CHECK_STRING(name, "lo");
	length = sizeof(name);
	CHECK(!getsockopt(udp, IPPROTO_IP, IP_OPTIONS, name, &length));
	CHECK_EQUAL(length, sizeof(route));
	CHECK(!memcmp(name, route, sizeof(route)));
}

static void check_structures(void)
{
	struct timeval time;
	struct linger linger;
	socklen_t length = sizeof(time);

	CHECK(!getsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &time, &length));
	CHECK_EQUAL(time.tv_sec, 3);
	CHECK_EQUAL(time.tv_usec, 500000);
	length = sizeof(linger);
	CHECK(!getsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, &length));
	CHECK_EQUAL(linger.l_onoff, 1);
	CHECK_EQUAL(linger.l_linger, 17);
	CHECK_EQUAL(option(udp, IPPROTO_IP, IP_TOS), IPTOS_LOWDELAY);
	CHECK_EQUAL(option(udp, SOL_SOCKET, SO_PRIORITY), 0);
}

static void check_filter(void)
{
	int none = 0;
	char text[10];

	CHECK_EQUAL(send(pair[1], "longer", 6, 0), 6);
	CHECK_EQUAL(recv(pair[0], text, sizeof(text), MSG_DONTWAIT), 3);
	CHECK_EQUAL(setsockopt(pair[0], SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)), -1);
	CHECK_EQUAL(errno, EPERM);
}

static void check_all(void)
{
	check_strings();
	check_structures();
	check_filter();
}

/* ---- Refusals --------------------------------------------------------------------------- */

static void refuse_program(void)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attribute = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };
	struct unexec_report *report;
	int program, fd;

	attribute.insn_cnt = 2;
	attribute.insns = (uintptr_t)code;
	attribute.license = (uintptr_t) "GPL";
	program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attribute, sizeof(attribute));
	if (program < 0)
		return; /* not permitted */
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	set(fd, SOL_SOCKET, SO_ATTACH_BPF, program);
	close(program);
	report = refuse_dump(roundtrip_path("none"));
	refuse_expect(report, UNEXEC_CODE_DESCRIPTOR, "eBPF program", "HANGUP", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	close(fd);
}

/* A start without the capability that some options need. */
static void without_capability(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
	CHECK(!prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN));
	CHECK(!prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
}

static void expect_warnings(void)
{
	char *errors = roundtrip_read(roundtrip_path("errors"));
	char line[100];

	snprintf(line, sizeof(line), "warning: cannot set SO_MARK of descriptor %d: "
				     "Operation not permitted\n", marked);
	CHECK(strstr(errors, line));
	snprintf(line, sizeof(line), "warning: the kernel limits SO_RCVBUF of descriptor %d\n",
		 marked);
	CHECK(strstr(errors, line));
}

int main(void)
{
	int mark = 5, size = 1 << 28;

	roundtrip_begin();
	set_up();
	check_all();
	refuse_program();
	roundtrip_cut();
	check_all();
	roundtrip_cut();
	check_all();
	marked = socket(AF_INET, SOCK_DGRAM, 0);
	if (setsockopt(marked, SOL_SOCKET, SO_MARK, &mark, sizeof(mark))
	    || setsockopt(marked, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		return 0; /* what needs no privilege is tested */
	roundtrip_cut();
	CHECK_EQUAL(option(marked, SOL_SOCKET, SO_MARK), mark);
	CHECK_EQUAL(option(marked, SOL_SOCKET, SO_RCVBUF), 2 * size);
	roundtrip_cut_with(&(struct roundtrip){ .prepare = without_capability });
	CHECK_EQUAL(option(marked, SOL_SOCKET, SO_MARK), 0);
	CHECK(option(marked, SOL_SOCKET, SO_RCVBUF) < 2 * size);
	expect_warnings();
	check_all();
	return 0;
}
