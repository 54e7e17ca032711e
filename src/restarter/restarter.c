/* SPDX-License-Identifier: MIT
 *
 * The start of a dump. The kernel has mapped the segments; the restarter carries out the rest
 * of the plan and becomes the program.
 *
 *   stage 1, on the kernel's stack:  copies the arguments, changes to its own stack
 *   stage 2, on its own stack:       uses none of the kernel's mappings; restores memory,
 *                                    registers, descriptors, process, signals, settings,
 *                                    protection, threads, and enters the program (restore_all)
 *
 * Rights are restored last of all, by the thread that enters the program (rights.c).
 */
#include <linux/auxvec.h>
#include <linux/mman.h>

#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_start.h"
#include "arch_syscall.h"
#include "arch_thread.h"
#include "arch_vectors.h"
#include "restarter/descriptors/descriptors.h"
#include "restarter.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51 /* since 5.14 */
#endif

/* restarter.ld: the first byte after the code. The plan is there. */
extern const struct plan restarter_end __attribute__((visibility("hidden")));

#define PAGE_DOWN(plan, x) ((x) & -(uint64_t)(plan)->page_size)
#define PAGE_UP(plan, x) PAGE_DOWN(plan, (x) + (plan)->page_size - 1)

static uint32_t count_waiting(const struct plan *plan)
{
	uint32_t count = 0;

	for_table(const struct plan_thread, thread, plan, threads)
		count += !(thread->flags & PLAN_THREAD_DUMPER);
	return count;
}

static void fill_boot(const struct restart *restart)
{
	const struct plan *plan = restart->plan;
	const struct plan_slot *slots = plan_at(plan, plan->slots);
	struct boot *boot = (struct boot *)plan->boot;

	*boot = (struct boot){
		.gate = boot->gate,
		.always = boot->always,
		.first = boot->first,
		.first_pid = boot->first_pid,
		.expected = count_waiting(plan),
		.argc = restart->block.argc,
		.argv = restart->block.argv,
		.envp = restart->block.envp,
		.auxv = restart->block.auxv,
		.low_start = plan->low_start,
		.low_end = plan->scratch_end,
		.brk = restart->brk,
		.slots = plan->slots.count ? slots[0].address : 0,
	};
}

static void restore_registers(const struct restart *restart)
{
	const uint64_t *frame_size = block_auxv(&restart->block, AT_MINSIGSTKSZ);
	long failed = arch_fit_frames(restart->plan, frame_size);

	if (failed)
		fail("allocate memory for the registers of threads", NULL, failed);
	failed = arch_request_states(restart->plan);
	if (failed)
		fail("get permission to use " ARCH_REQUESTED_NAME, NULL, failed);
}

static void restore_all(void *argument)
{
	struct restart *restart = argument;
	const struct plan *plan = restart->plan;

	vdso_make_room(restart);
	memory_set_mm_map(restart);
	memory_restore(plan);
	memory_populate(plan);
	restore_registers(restart);
	vdso_connect(restart);
	values_replace(restart);
	settings_change_directory(plan);
	descriptors_restore(plan);
	process_restore(plan);
	memory_lock(plan);
	signals_restore(plan);
	fill_boot(restart);
	settings_restore(plan);
	protection_restore(plan);
	threads_restore(plan);
}

static void check_plan(const struct plan *plan)
{
	if (plan->magic != PLAN_MAGIC || plan->version != PLAN_VERSION
	    || plan->machine != ARCH_MACHINE)
		fail("start: the file is damaged", NULL, 0);
}

/* If a program has more rights than its starter, ld.so removes dangerous variables from the
 * environment (LD_PRELOAD, GCONV_PATH, …), and libc ignores others. In a dump, both were
 * decided in another process, perhaps with a user's libraries. */
static void refuse_rights(const struct block *block)
{
	const uint64_t *secure = block_auxv(block, AT_SECURE);

	if (secure && *secure)
		fail("start: it has more rights than its starter (set-user-ID, set-group-ID, "
		     "capabilities), which a dump must not have", NULL, 0);
}

/* The kernel's stack extends up to 128 KiB below the block (fs/exec.c, setup_arg_pages:
 * stack_expand). The gap below it is free (mm: stack_guard_gap). */
#define KERNEL_STACK_ROOM (UINT64_C(192) << 10)

ARCH_RESTARTER_START(restarter_start, restarter_main);
void restarter_main(uint64_t stack);
void restarter_main(uint64_t stack)
{
	const struct plan *plan = &restarter_end;
	struct restart *restart;
	struct block block;
	uint64_t all_signals = ~UINT64_C(0);
	uint64_t length;
	long address;

	check_plan(plan);
	/* No signal handler may run before memory is complete. The signal frame holds the
	 * mask. */
	sys(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, &all_signals, 0, sizeof(all_signals));

	block_read(&block, stack);
	refuse_rights(&block);
	cpu_check(plan, &block);
	memory_check(plan);
	identity_keep(plan);
	length = plan->scratch_end - plan->scratch
		 + PAGE_UP(plan, block.end - block.start + environment_room(plan, &block));
	address = sys(__NR_mmap, plan->scratch, length, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (address != (long)plan->scratch)
		fail("allocate memory for the arguments", NULL, address);

	/* These pages are written now. */
	sys(__NR_madvise, PAGE_DOWN(plan, plan->scratch_end - 1),
	    plan->scratch + length - PAGE_DOWN(plan, plan->scratch_end - 1), MADV_POPULATE_WRITE);

	/* At the top of the new stack. */
	restart = (struct restart *)(plan->scratch_end - sizeof(*restart)) - 1;
	restart = (struct restart *)((uint64_t)restart & ~UINT64_C(63));
	memset(restart, 0, sizeof(*restart));
	restart->plan = plan;
	restart->kernel_stack = PAGE_DOWN(plan, stack) - KERNEL_STACK_ROOM;
	restart->kernel_stack_end = PAGE_UP(plan, block.end);
	restart->block = block;
	block_copy(&restart->block, plan->scratch_end);
	if (plan->argv0 && block.argc)
		*(uint64_t *)restart->block.argv = plan->argv0;
	restart->environment = environment_merge(plan, &restart->block);
	arch_switch_stack((uint64_t)restart, restore_all, restart);
}
