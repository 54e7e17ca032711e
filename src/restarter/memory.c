/* SPDX-License-Identifier: MIT
 *
 * The address space as it was: what the segments could not say.
 */
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>

#include "restarter.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since 5.14 */
#endif

void memory_check(const struct plan *plan)
{
	struct rlimit64 limit;
	struct line line;

	if (!plan->stack_need
	    || sys(__NR_prlimit64, 0, RLIMIT_STACK, 0, &limit)
	    || limit.rlim_cur >= plan->stack_need)
		return;
	line.length = 0;
	append(&line, "unexec: this dump needs a stack of ");
	append_number(&line, (long)((plan->stack_need + 1023) >> 10));
	append(&line, " KB, which is above the limit (ulimit -s)");
	fail_line(&line);
}

static void map(const struct plan_op *op, uint32_t prot, uint32_t flags, long descriptor)
{
	long address = sys(__NR_mmap, op->start, op->length, prot, flags | MAP_FIXED,
			   descriptor, op->offset);

	if (sys_failed(address))
		fail("map memory as it was", NULL, address);
}

static void map_file(const struct plan *plan, const struct plan_op *op)
{
	const char *path = plan_string(plan, op->source);
	long descriptor = sys(__NR_openat, AT_FDCWD, path, op->flags | O_CLOEXEC, 0);
	long address;

	if (sys_failed(descriptor))
		fail("open the mapped file", path, descriptor);
	address = sys(__NR_mmap, op->start, op->length, op->prot, MAP_SHARED | MAP_FIXED,
		      descriptor, op->offset);
	/* First of all: with standard error closed it may be 2, and get the message. */
	sys(__NR_close, descriptor);
	if (sys_failed(address))
		fail("map the file", path, address);
}

static void map_zeros(const struct plan_op *op)
{
	uint32_t flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (op->flags & PLAN_GROWSDOWN)
		flags |= MAP_GROWSDOWN;
	if (op->flags & PLAN_NORESERVE)
		flags |= MAP_NORESERVE;
	map(op, op->prot, flags, -1);
}

static void move(const struct plan_op *op)
{
	long address = sys(__NR_mremap, op->source, op->length, op->length,
			   MREMAP_MAYMOVE | MREMAP_FIXED, op->start);

	if (sys_failed(address))
		fail("move memory to where it was", NULL, address);
}

static void protect(const struct plan_op *op)
{
	long failed = sys(__NR_mprotect, op->start, op->length, op->prot);

	if (failed)
		fail("protect memory as it was", NULL, failed);
}

void memory_restore(const struct plan *plan)
{
	for_table(const struct plan_op, op, plan, ops) {
		if (op->kind == PLAN_ANON)
			map_zeros(op);
		else if (op->kind == PLAN_SHARED)
			map(op, op->prot, MAP_SHARED | MAP_ANONYMOUS, -1);
		else if (op->kind == PLAN_FILE)
			map_file(plan, op);
		else if (op->kind == PLAN_MOVE)
			move(op);
		else if (op->kind == PLAN_COPY)
			memcpy((void *)op->start, (const void *)op->source, op->length);
		else if (op->kind == PLAN_PROTECT)
			protect(op);
		else if (op->kind == PLAN_ADVISE)
			/* Advice: a kernel without it runs the program as well. */
			sys(__NR_madvise, op->start, op->length, op->flags);
	}
}

/* A page costs a third of what it does to be written to for the first time. Advice, too:
 * kernels before 5.14 have no such call. */
void memory_populate(const struct plan *plan)
{
	for_table(const uint64_t, run, plan, hot)
		if (sys(__NR_madvise, *run & ~PLAN_HOT_PAGES,
			(*run & PLAN_HOT_PAGES) * plan->page_size, MADV_POPULATE_WRITE))
			break;
}

/* Without this, brk() would go on behind the highest segment, far above the heap. Needs no
 * privilege as long as exe_fd is -1 (kernel/sys.c, prctl_set_mm_map, since 3.18). Where it
 * is refused, the library makes libc's brk follow the kernel's, and the block stays where
 * the kernel put it too, so that /proc/self/cmdline can be read. */
void memory_tell_kernel(struct restart *restart)
{
	const struct plan_mm *mm = &restart->plan->mm;
	const struct block *block = &restart->block;
	struct prctl_mm_map map = {
		.start_code = mm->start_code, .end_code = mm->end_code,
		.start_data = mm->start_data, .end_data = mm->end_data,
		.start_brk = mm->start_brk, .brk = mm->brk,
		.start_stack = mm->start_stack,
		.arg_start = block->arg_start, .arg_end = block->arg_end,
		.env_start = block->env_start, .env_end = block->env_end,
		.auxv = (void *)block->auxv, .auxv_size = (uint32_t)block->auxv_size,
		.exe_fd = (uint32_t)-1,
	};

	if (sys(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) == 0) {
		sys(__NR_munmap, restart->kernel_stack,
		    restart->kernel_stack_end - restart->kernel_stack);
		return;
	}
	restart->brk = (uint64_t)sys(__NR_brk, 0);
}
