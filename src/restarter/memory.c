/* SPDX-License-Identifier: MIT
 *
 * Restores the address space as far as ELF segments cannot describe it.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "restarter/descriptors/descriptors.h"
#include "restarter.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* since 6.13 */
#endif

/* Opening the dump's file costs as much as copying this many bytes from its mapping. */
#define COPY_LARGE (UINT64_C(256) << 10)

/* Where a fault costs so many times as much as prefaulting a page, all pages are prefaulted. */
#define FAULTS_DEAR 3
#define FAULTS_MEASURED 3

void memory_check(const struct plan *plan)
{
	struct rlimit64 limit;
	struct line line;

	if (!plan->stack_need
	    || sys(__NR_prlimit64, 0, RLIMIT_STACK, 0, &limit)
	    || limit.rlim_cur >= plan->stack_need)
		return;
	begin_line(&line, "error");
	append(&line, "this dump needs a stack of ");
	append_number(&line, (long)((plan->stack_need + 1023) >> 10));
	append(&line, " KB, which is above the limit (ulimit -s)");
	fail_line(&line);
}

static void map_op(const struct plan_op *op, uint32_t prot, uint32_t flags, long descriptor)
{
	long address = sys(__NR_mmap, op->start, op->length, prot, flags | MAP_FIXED,
			   descriptor, op->offset);

	if (sys_failed(address))
		fail("restore a mapping", NULL, address);
}

static void map_shared_file(const struct plan *plan, const struct plan_op *op)
{
	const char *path = plan_string(plan, op->source);
	long descriptor = sys(__NR_openat, AT_FDCWD, path, op->flags | O_CLOEXEC, 0);
	long address;

	/* The mapping is read-only; the program loses the right to make it writable later. */
	if (sys_failed(descriptor) && descriptor != -ENOENT && !(op->prot & PROT_WRITE)) {
		descriptor = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
		if (!sys_failed(descriptor))
			warn("a mapped file has become read-only:", path);
	}
	if (sys_failed(descriptor))
		fail("open the mapped file", path, descriptor);
	address = sys(__NR_mmap, op->start, op->length, op->prot, MAP_SHARED | MAP_FIXED,
		      descriptor, op->offset);
	/* Before any message: if standard error is closed, the number may be 2. */
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
	map_op(op, op->prot, flags, -1);
}

static void move_op(const struct plan_op *op)
{
	long address = sys(__NR_mremap, op->source, op->length, op->length,
			   MREMAP_MAYMOVE | MREMAP_FIXED, op->start);

	if (sys_failed(address))
		fail("move memory to its old address", NULL, address);
}

static void protect_op(const struct plan_op *op)
{
	long failed = sys(__NR_mprotect, op->start, op->length, op->prot);

	if (failed)
		fail("restore the protection of memory", NULL, failed);
}

/* An access to a guard is a fault. Kernels before 6.13 need a mapping of its own for that. */
static void guard_op(const struct plan_op *op)
{
	if (sys(__NR_madvise, op->start, op->length, MADV_GUARD_INSTALL))
		protect_op(&(struct plan_op){ .start = op->start, .length = op->length });
}

/* The kernel doubles the requested number and adds 2, and requests more itself on a machine
 * with many CPUs (fs/aio.c, ioctx_alloc). The address of its ring identifies the context,
 * and mremap may change it. */
static void set_up_aio(const struct plan_op *op)
{
	enum { HEADER = 32, EVENT = 32 };
	uint64_t context = 0, events = (op->length - HEADER) / EVENT;
	long failed = sys(__NR_io_setup, events / 2 - 1, &context);

	if (!failed && ((const uint32_t *)context)[1] != events)
		fail("set up asynchronous I/O (io_setup): a ring has another size on this machine, "
		     "which has more CPUs", NULL, 0);
	if (!failed)
		failed = sys(__NR_mremap, context, op->length, op->length,
			     MREMAP_MAYMOVE | MREMAP_FIXED, op->start);
	if (sys_failed(failed))
		fail("set up asynchronous I/O (io_setup)", NULL, failed);
}

/* The dump's own file; negative if too little is copied from it. */
static long open_own_file(const struct plan *plan)
{
	uint64_t largest = 0;

	for_table(const struct plan_op, op, plan, ops)
		if (op->kind == PLAN_COPY && op->length > largest)
			largest = op->length;
	if (largest < COPY_LARGE)
		return -1;
	return sys(__NR_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
}

/* Reads the bytes from the file as far as possible; returns their number. Populating the
 * pages first, as many as fit in the CPU's cache, takes a fifth less time than faults of the
 * read, and makes huge pages where the area has them. */
static uint64_t read_own_file(const struct plan_op *op, long file)
{
	uint64_t done = 0, step;
	long got = 1;

	for (; got > 0 && done < op->length; done += got > 0 ? (uint64_t)got : 0) {
		step = op->length - done < COPY_LARGE ? op->length - done : COPY_LARGE;
		sys(__NR_madvise, op->start + done, step, MADV_POPULATE_WRITE);
		got = sys(__NR_pread64, file, op->start + done, step, op->offset + done);
	}
	return done;
}

/* A read needs /proc and the right to read the file, but takes fewer faults than a copy. */
static void copy_op(const struct plan *plan, const struct plan_op *op, long file)
{
	uint64_t done = 0;

	if (file >= 0 && op->length >= COPY_LARGE)
		done = read_own_file(op, file);
	/* Without these, the copy takes a fault for every few pages that it reads, and for each page
	 * that it writes. */
	if (op->length - done >= COPY_LARGE)
		sys(__NR_madvise, op->source, op->length, MADV_POPULATE_READ);
	if (op->length - done > plan->page_size)
		sys(__NR_madvise, op->start + done, op->length - done, MADV_POPULATE_WRITE);
	memcpy((char *)op->start + done, (const char *)op->source + done, op->length - done);
}

void memory_restore(const struct plan *plan)
{
	long file = open_own_file(plan);

	for_table(const struct plan_op, op, plan, ops) {
		if (op->kind == PLAN_ANON)
			map_zeros(op);
		else if (op->kind == PLAN_SHARED)
			map_op(op, op->prot, MAP_SHARED | MAP_ANONYMOUS, -1);
		else if (op->kind == PLAN_FILE)
			map_shared_file(plan, op);
		else if (op->kind == PLAN_MOVE)
			move_op(op);
		else if (op->kind == PLAN_COPY)
			copy_op(plan, op, file);
		else if (op->kind == PLAN_PROTECT)
			protect_op(op);
		else if (op->kind == PLAN_OBJECTS)
			descriptors_restore_objects(plan);
		else if (op->kind == PLAN_ADVISE)
			/* A program also runs on a kernel without this advice. */
			sys(__NR_madvise, op->start, op->length, op->flags);
		else if (op->kind == PLAN_GUARD)
			guard_op(op);
		else if (op->kind == PLAN_AIO)
			set_up_aio(op);
	}
	if (file >= 0)
		sys(__NR_close, file);
}

/* If locking is not permitted, later mappings are not locked either: mmap() would fail. */
void memory_lock(const struct plan *plan)
{
	long failed = 0;

	for_table(const struct plan_op, op, plan, ops)
		if (op->kind == PLAN_LOCK && !failed)
			failed = sys(__NR_mlock2, op->start, op->length, op->flags);
	if (!failed && plan->process.lock_future)
		failed = sys(__NR_mlockall, plan->process.lock_future);
	if (failed)
		warn("memory is not locked (mlock):",
		     failed == -EPERM ? "it is not permitted"
				      : "it is above the limit (ulimit -l)");
}

/* ---- Prefaulting -------------------------------------------------------------------------- */

static uint64_t clock_now(void)
{
	struct __kernel_timespec time = { 0 };

	sys(__NR_clock_gettime, CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Returns the number of pages. 0: kernels before 5.14 reject the advice. */
static uint64_t populate_runs(const struct plan *plan, uint32_t first, uint32_t end)
{
	const uint64_t *runs = plan_at(plan, plan->prefault);
	uint64_t pages = 0;

	for (uint32_t i = first; i < end; i++) {
		if (sys(__NR_madvise, runs[i] & ~PLAN_PREFAULT_PAGES,
			(runs[i] & PLAN_PREFAULT_PAGES) * plan->page_size, MADV_POPULATE_WRITE))
			return 0;
		pages += runs[i] & PLAN_PREFAULT_PAGES;
	}
	return pages;
}

/* Nanoseconds of the fastest of a few write faults, which change nothing. */
static uint64_t measure_fault(const struct plan *plan, uint64_t run)
{
	uint64_t pages = run & PLAN_PREFAULT_PAGES, at = run & ~PLAN_PREFAULT_PAGES;
	uint64_t least = UINT64_MAX, begin = clock_now(), end;

	for (uint64_t i = 0; i < FAULTS_MEASURED && i < pages; i++, begin = end) {
		__atomic_fetch_or((unsigned char *)at + i * plan->page_size, 0, __ATOMIC_RELAXED);
		end = clock_now();
		least = end - begin < least ? end - begin : least;
	}
	return least;
}

/* A page that is not prefaulted costs a fault if the program writes to it. A fault costs 1.3 times
 * as much as prefaulting the page on some machines, 10 times as much on others. */
void memory_populate(const struct plan *plan)
{
	const uint64_t *runs = plan_at(plan, plan->prefault);
	uint32_t sure = plan->prefault_sure, all = plan->prefault.count;
	uint64_t begin, end, pages;

	if (sure == all) {
		populate_runs(plan, 0, sure);
		return;
	}
	begin = clock_now();
	pages = populate_runs(plan, 0, sure);
	end = clock_now();
	if (pages && measure_fault(plan, runs[sure]) * pages > FAULTS_DEAR * (end - begin))
		populate_runs(plan, sure, all);
}

/* Without this, brk() would continue after the highest segment, far above the heap.
 * PR_SET_MM_MAP needs no privilege if exe_fd is -1 (kernel/sys.c, prctl_set_mm_map, since
 * 3.18). If the kernel refuses it, libc's brk is set to the kernel's, and the kernel's block
 * stays mapped, so that /proc/self/cmdline can be read. */
void memory_set_mm_map(struct restart *restart)
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
