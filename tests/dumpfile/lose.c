/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Protects itself, is dumped, and prints which protection it has: lose KIND [FILE]; see
 * be_dumped.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "be_dumped.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#define MSEAL 462
#define PAGES (16 * 4096)

static volatile char selector;
static volatile int dispatched;
static char *sealed;
static int shows_rights;

static void on_call(int number)
{
	(void)number;
	selector = 0;
	dispatched++;
}

static int filter_sockets(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	       || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int dispatch_calls(void)
{
	signal(SIGSYS, on_call);
	return prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector);
}

static int seal(void)
{
	sealed = mmap(NULL, PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(sealed, 7, PAGES);
	mprotect(sealed, PAGES, PROT_READ);
	return (int)syscall(MSEAL, sealed, PAGES, 0);
}

static int become_nobody(void)
{
	const gid_t group = 12345;

	shows_rights = 1;
	return setgroups(1, &group) || setresgid(65533, 65533, 65533)
	       || setresuid(65534, 65534, 65534)
	       || prctl(PR_SET_DUMPABLE, 1); /* otherwise, root owns its files in /proc */
}

/* Afterwards, other IDs decide about files than about the rest. */
static int become_file_user(void)
{
	shows_rights = 1;
	setfsgid(65533);
	setfsuid(65534);
	return setfsuid((uid_t)-1) != 65534 || setfsgid((gid_t)-1) != 65533
	       || prctl(PR_SET_DUMPABLE, 1);
}

static int become_file_group(void)
{
	shows_rights = 1;
	setfsgid(65533);
	return setfsgid((gid_t)-1) != 65533 || prctl(PR_SET_DUMPABLE, 1);
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	const unsigned sys_time = 1u << CAP_SYS_TIME;

	shows_rights = 1;
	if (prctl(PR_CAPBSET_DROP, CAP_SYS_TIME) || syscall(SYS_capget, &header, data))
		return -1;
	data[0].permitted &= ~sys_time;
	data[0].effective &= ~(sys_time | 1u << CAP_NET_RAW);
	return (int)syscall(SYS_capset, &header, data);
}

static int protect(const char *kind)
{
	if (!strcmp(kind, "nobody"))
		return become_nobody();
	if (!strcmp(kind, "fsuid"))
		return become_file_user();
	if (!strcmp(kind, "fsgid"))
		return become_file_group();
	if (!strcmp(kind, "capabilities"))
		return drop_capabilities();
	if (!strcmp(kind, "seccomp"))
		return filter_sockets();
	if (!strcmp(kind, "nnp"))
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(kind, "mdwe"))
		return prctl(PR_SET_MDWE, 1, 0, 0, 0);
	if (!strcmp(kind, "mseal"))
		return seal();
	if (!strcmp(kind, "dispatch"))
		return dispatch_calls();
	if (!strcmp(kind, "keepcaps"))
		return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	return 0;
}

static int is_dispatched(void)
{
	dispatched = 0;
	selector = 1;
	syscall(SYS_getuid);
	selector = 0;
	return dispatched;
}

static void show(void)
{
	int filtered = socket(AF_UNIX, SOCK_STREAM, 0) < 0;
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	printf("seccomp %d nnp %d mdwe %d mseal %d dispatch %d keepcaps %d\n", filtered,
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	       mprotect(code, 4096, PROT_READ | PROT_EXEC) != 0,
	       sealed && sealed[8192] == 7 && munmap(sealed, 4096)
		       && mprotect(sealed, 4096, PROT_READ | PROT_WRITE),
	       is_dispatched(), prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
}

static void show_rights(void)
{
	static const char *const keys[] = { "Uid:", "Gid:", "Groups:", "Cap" };
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (!strncmp(line, keys[i], strlen(keys[i])))
				fputs(line, stdout);
	if (status)
		fclose(status);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 99;
	if (protect(argv[1])) {
		perror(argv[1]);
		return 77;
	}
	be_dumped(argc, argv);
	show();
	if (shows_rights)
		show_rights();
	return 0;
}
