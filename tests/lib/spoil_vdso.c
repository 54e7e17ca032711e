/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The functions of spoil_vdso.h. The plan follows the restarter's code, at a multiple of 16.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "roundtrip.h"
#include "spoil_vdso.h"

/* Returns the offset of the plan in the file. */
static off_t find_plan(int fd, struct plan *ret_plan)
{
	off_t at = 0;

	while (pread(fd, ret_plan, sizeof(*ret_plan), at) == (ssize_t)sizeof(*ret_plan)) {
		/* The magic number alone may also occur in code. */
		if (ret_plan->magic == PLAN_MAGIC && ret_plan->version == PLAN_VERSION
		    && ret_plan->size > sizeof(*ret_plan))
			return at;
		at += 16;
	}
	roundtrip_fail(__FILE__, __LINE__, "there is a plan in the dump");
}

void spoil_vdso_build(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct plan plan;
	off_t at;

	CHECK(fd >= 0);
	at = find_plan(fd, &plan);
	CHECK(plan.vdso.address && plan.vdso.build[0]);
	for (size_t i = 0; i < sizeof(plan.vdso.build) / sizeof(*plan.vdso.build); i++)
		plan.vdso.build[i] = ~plan.vdso.build[i];
	CHECK(pwrite(fd, &plan, sizeof(plan), at) == (ssize_t)sizeof(plan));
	close(fd);
}

void spoil_cpu(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct plan plan;
	off_t at;

	CHECK(fd >= 0);
	at = find_plan(fd, &plan);
	memset(plan.cpu, 0xff, sizeof(plan.cpu));
	CHECK(pwrite(fd, &plan, sizeof(plan), at) == (ssize_t)sizeof(plan));
	close(fd);
}

void spoil_frames(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct plan plan;
	off_t at;

	CHECK(fd >= 0);
	at = find_plan(fd, &plan);
	plan.registers.frame_size = 1;
	CHECK(pwrite(fd, &plan, sizeof(plan), at) == (ssize_t)sizeof(plan));
	close(fd);
}

struct plan spoil_vdso_plan(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct plan plan;

	CHECK(fd >= 0);
	find_plan(fd, &plan);
	close(fd);
	return plan;
}

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (skip))
#define NEW_ADDRESS offsetof(struct seccomp_data, args[4]) /* low half first */

void spoil_vdso_refuse_move(uint64_t to)
{
	struct sock_filter filter[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		UNLESS(SYS_mremap, 5),
		LOAD(NEW_ADDRESS),
		UNLESS(to, 3),
		LOAD(NEW_ADDRESS + 4),
		UNLESS(to >> 32, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}
