/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a program under a seccomp filter: seccomp_exec set_mm|no_rseq|no_guards|
 * container|docker PROGRAM ARGUMENT…  The filter checks only x86-64's system calls, because it
 * is not meant as protection.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_TIMER_CREATE_RESTORE_IDS
#define PR_TIMER_CREATE_RESTORE_IDS 77
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

/* ---- Rules ------------------------------------------------------------------------------- */

static struct sock_filter code[600];
static unsigned short length;

static void emit(struct sock_filter instruction)
{
	code[length++] = instruction;
}

/* Skips the next `count` instructions for all other system calls. */
static void for_call(uint32_t number, uint8_t count)
{
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, count));
}

/* Loads the lower half of an argument: flags and numbers have 32 bits. */
static void load_argument(unsigned n)
{
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, args) + 8 * n));
}

static void answer(uint32_t error)
{
	emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, error ? SECCOMP_RET_ERRNO | error
								 : SECCOMP_RET_ALLOW));
}

static void refuse(uint32_t number, uint32_t error)
{
	for_call(number, 1);
	answer(error);
}

static void refuse_all(const uint16_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		refuse(numbers[i], EPERM);
}

/* Refuses the call if its first argument equals the value (BPF_JEQ) or shares a bit with it
 * (BPF_JSET). */
static void refuse_argument(uint32_t number, uint16_t compare, uint32_t value)
{
	for_call(number, 3);
	load_argument(0);
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | compare | BPF_K, value, 0, 1));
	answer(EPERM);
}

static void refuse_above(uint32_t number, uint32_t error)
{
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, number, 0, 1));
	answer(error);
}

/* Refuses each personality that changes the memory layout. */
static void limit_personality(void)
{
	static const uint32_t allowed[] = { 0, 0x8, 0x20000, 0x20008, UINT32_MAX };
	const uint8_t count = sizeof(allowed) / sizeof(*allowed);

	for_call(SYS_personality, (uint8_t)(count + 2));
	load_argument(0);
	for (uint8_t i = 0; i < count; i++)
		emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
						  (uint8_t)(count - i), 0));
	answer(EPERM);
}

/* ---- Filters ----------------------------------------------------------------------------- */

/* A kernel without CONFIG_CHECKPOINT_RESTORE, or before 6.15. */
static void filter_set_mm(void)
{
	refuse_argument(SYS_prctl, BPF_JEQ, PR_SET_MM);
	refuse_argument(SYS_prctl, BPF_JEQ, PR_GET_TID_ADDRESS);
	refuse_argument(SYS_prctl, BPF_JEQ, PR_TIMER_CREATE_RESTORE_IDS);
}

/* A kernel before 5.13. */
static void filter_no_rseq(void)
{
	refuse_argument(SYS_ptrace, BPF_JEQ, 0x420f /* PTRACE_GET_RSEQ_CONFIGURATION */);
}

/* A kernel before 6.13. */
static void filter_no_guards(void)
{
	for_call(SYS_madvise, 3);
	load_argument(2);
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1));
	answer(EINVAL);
}

/* A careful administrator's filter: no process can read another. */
static void filter_container(void)
{
	static const uint16_t others[] = { SYS_ptrace, SYS_kcmp, SYS_process_vm_readv,
					   SYS_process_vm_writev };

	refuse_all(others, sizeof(others) / sizeof(*others));
	limit_personality();
}

/* Docker's default profile for a container without further capabilities. The profile lists
 * allowed calls; this filter refuses the calls of x86-64 that the profile does not list. (The
 * newest releases no longer allow io_uring. On kernels before 4.8 and in some derivatives, the
 * profile forbids process_vm_readv.) */
static void filter_docker(void)
{
	static const uint16_t refused[] = {
		SYS__sysctl, SYS_acct, SYS_add_key, SYS_afs_syscall, SYS_bpf, SYS_chroot,
		SYS_clock_settime, SYS_create_module, SYS_delete_module, SYS_fanotify_init,
		SYS_finit_module, SYS_get_kernel_syms, SYS_get_mempolicy, SYS_getpmsg,
		SYS_init_module, SYS_ioperm, SYS_iopl, SYS_kcmp, SYS_kexec_file_load,
		SYS_kexec_load, SYS_keyctl, SYS_lookup_dcookie, SYS_mbind, SYS_migrate_pages,
		SYS_mount, SYS_move_pages, SYS_nfsservctl, SYS_open_by_handle_at,
		SYS_perf_event_open, SYS_pivot_root, SYS_process_vm_readv,
		SYS_process_vm_writev, SYS_putpmsg, SYS_query_module, SYS_quotactl, SYS_reboot,
		SYS_request_key, SYS_security, SYS_set_mempolicy, SYS_setdomainname,
		SYS_sethostname, SYS_setns, SYS_settimeofday, SYS_swapoff, SYS_swapon,
		SYS_sysfs, SYS_syslog, SYS_tuxcall, SYS_umount2, SYS_unshare, SYS_uselib,
		SYS_userfaultfd, SYS_ustat, SYS_vhangup, SYS_vserver,
		425, 426, 427, /* io_uring_setup, _enter, _register */
		428, 429, 430, 431, 432, 433, /* open_tree to fspick */
		438, 440, 442, 443, /* pidfd_getfd, process_madvise, mount_setattr, quotactl_fd */
	};
	const uint32_t namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
				    | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

	refuse_all(refused, sizeof(refused) / sizeof(*refused));
	refuse_argument(SYS_clone, BPF_JSET, namespaces);
	refuse_argument(SYS_socket, BPF_JEQ, AF_VSOCK);
	limit_personality();
	refuse(SYS_clone3, ENOSYS); /* a filter cannot read its flags */
	refuse_above(449, ENOSYS);  /* calls that the profile does not know */
}

/* ------------------------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = code };
	const char *name = argc > 2 ? argv[1] : "";

	if (!strcmp(name, "set_mm"))
		filter_set_mm();
	else if (!strcmp(name, "no_rseq"))
		filter_no_rseq();
	else if (!strcmp(name, "no_guards"))
		filter_no_guards();
	else if (!strcmp(name, "container"))
		filter_container();
	else if (!strcmp(name, "docker"))
		filter_docker();
	if (!length) {
		fprintf(stderr,
			"usage: seccomp_exec set_mm|no_rseq|no_guards|container|docker "
			"PROGRAM ARGUMENT...\n");
		return 99;
	}
	answer(0);
	program.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		return 77;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
