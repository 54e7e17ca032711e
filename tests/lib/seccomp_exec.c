/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a program under a seccomp filter that answers EPERM, as a careful administrator's
 * does: seccomp_exec set_mm|container PROGRAM ARGUMENT…
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOAD_ARGUMENT(n) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define IF(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (skip), 0)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

#ifndef PR_TIMER_CREATE_RESTORE_IDS
#define PR_TIMER_CREATE_RESTORE_IDS 77
#endif

/* As on a kernel without CONFIG_CHECKPOINT_RESTORE, or before 6.15. */
static struct sock_filter set_mm[] = {
	LOAD(nr),
	UNLESS(SYS_prctl, 4),
	LOAD_ARGUMENT(0),
	IF(PR_SET_MM, 1),
	UNLESS(PR_TIMER_CREATE_RESTORE_IDS, 1),
	REFUSE,
	ALLOW,
};

/* No ptrace, no kcmp, no process_vm_readv and process_vm_writev, and only the personalities that the
 * default profile of a well-known container engine allows. */
static struct sock_filter container[] = {
	LOAD(nr),
	IF(SYS_ptrace, 11),
	IF(SYS_kcmp, 10),
	IF(SYS_process_vm_readv, 9),
	IF(SYS_process_vm_writev, 8),
	UNLESS(SYS_personality, 6),
	LOAD_ARGUMENT(0),
	IF(0x0, 4),
	IF(0x8, 3),
	IF(0x20000, 2),
	IF(0x20008, 1),
	UNLESS(0xffffffff, 1),
	ALLOW,
	REFUSE,
};

int main(int argc, char **argv)
{
	struct sock_fprog program;

	if (argc < 3) {
		fprintf(stderr, "usage: seccomp_exec set_mm|container PROGRAM ARGUMENT...\n");
		return 99;
	}
	program.filter = container;
	program.len = sizeof(container) / sizeof(container[0]);
	if (!strcmp(argv[1], "set_mm")) {
		program.filter = set_mm;
		program.len = sizeof(set_mm) / sizeof(set_mm[0]);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		return 77;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
