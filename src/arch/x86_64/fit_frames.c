/* SPDX-License-Identifier: MIT
 *
 * x86-64, in the restarter: rewrites signal frames that another CPU or kernel has written as
 * this one would write them. With the same CPU and kernel it reads no frame.
 */
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "arch_frame.h"
#include "arch_vectors.h"
#include "frame_layout.h"
#include "shared/plan_view.h"

struct fitting {
	const struct plan *plan;
	struct plan_registers here;
	uint64_t used;       /* all states of all frames */
	uint32_t keys;       /* the new process's rights to protection keys */
	unsigned char *room; /* for the next area; NULL: not yet mapped */
	uint64_t stride;     /* the room of one area */
	long failed;
};

/* Frames of the same size show that the kernel uses XSAVE if the dump's kernel did: without XSAVE
 * they would be some hundred bytes shorter. So XGETBV is safe without CPUID, which traps in
 * virtual machines. */
static bool is_same(const struct plan_registers *registers, uint64_t frame_size)
{
	return frame_size && frame_size == registers->frame_size
	       && (!registers->states || arch_xgetbv() == registers->states);
}

static uint32_t kept_states(void)
{
	uint32_t answer[4];

	arch_cpuid(1, 0, answer);
	return answer[2] & CPU_OSXSAVE ? arch_xgetbv() : 0;
}

/* Visits all frames by which a thread continues: its own, and those of the handlers that it
 * runs. */
static void each_frame(struct fitting *fitting,
		       void (*visit)(struct fitting *fitting, struct frame *frame))
{
	const struct plan *plan = fitting->plan;

	for_table(const struct plan_thread, thread, plan, threads)
		if (frame_area((const struct frame *)thread->frame))
			visit(fitting, (struct frame *)thread->frame);
	for_table(const struct plan_frame, frame, plan, frames)
		visit(fitting, (struct frame *)frame->address);
}

/* The states for the thread's area. It loses states that this CPU lacks only if the user has
 * chosen to start the dump anyway. */
static uint64_t wanted_states(const struct fitting *fitting, const struct frame_area *area)
{
	return frame_used(area) & (fitting->here.states | STATES_LEGACY) & ~STATE(STATE_KEYS);
}

/* The thread's own rights to protection keys. A thread that has only the default rights, or is
 * from a CPU without keys, gets the rights of the new process. */
static uint32_t wanted_keys(const struct fitting *fitting, const struct frame_area *area)
{
	const struct plan_registers *from = &fitting->plan->registers;
	uint32_t keys = 0;

	if (!(from->states & STATE(STATE_KEYS)) || area->words.magic1 != FP_XSTATE_MAGIC1)
		return fitting->keys;
	if (frame_used(area) & STATE(STATE_KEYS))
		__builtin_memcpy(&keys, (const char *)area + from->places[STATE_KEYS], sizeof(keys));
	return keys == KEYS_DEFAULT ? fitting->keys : keys;
}

static void note_states(struct fitting *fitting, struct frame *frame)
{
	fitting->used |= wanted_states(fitting, frame_area(frame));
}

static void ask_here(struct fitting *fitting)
{
	struct plan_registers *here = &fitting->here;
	uint64_t used;

	here->states = kept_states();
	each_frame(fitting, note_states);
	used = fitting->used | STATES_LEGACY;
	if (here->states & STATE(STATE_KEYS)) {
		fitting->keys = arch_read_keys();
		used |= STATE(STATE_KEYS);
	} else if (used == STATES_LEGACY) {
		return;
	}
	frame_ask_places(here, used | STATE(frame_last(frame_states(here, 0)))
				       | STATE(frame_last(frame_states(here, used))));
	fitting->stride = (frame_area_size(here, frame_states(here, used)) + sizeof(uint32_t)
			   + 63) & ~UINT64_C(63);
}

/* The memory is never unmapped: nobody knows when the threads have left by their frames. */
static unsigned char *next_room(struct fitting *fitting)
{
	unsigned char *room = fitting->room;

	if (!room) {
		uint64_t count = fitting->plan->threads.count + fitting->plan->frames.count;
		long address = sys(__NR_mmap, 0, count * fitting->stride,
				   PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (sys_failed(address)) {
			fitting->failed = address;
			return NULL;
		}
		room = (unsigned char *)address;
	}
	fitting->room = room + fitting->stride;
	return room;
}

static void fit_frame(struct fitting *fitting, struct frame *frame)
{
	struct frame_area *area = frame_area(frame);
	bool has_keys = fitting->here.states & STATE(STATE_KEYS);
	uint64_t used = wanted_states(fitting, area);
	unsigned char *to;
	uint32_t keys;

	if (!has_keys && !(used & ~STATES_LEGACY)) {
		/* A legacy area, which has no mark at its end. */
		area->words.magic1 = 0;
		frame->flags &= ~(uint64_t)UC_FP_XSTATE;
		return;
	}
	to = next_room(fitting);
	if (!to)
		return;
	if (has_keys)
		used |= STATE(STATE_KEYS);
	frame_write_area(to, &fitting->here, (const unsigned char *)area,
			 &fitting->plan->registers, used);
	if (has_keys) {
		keys = wanted_keys(fitting, area);
		__builtin_memcpy(to + fitting->here.places[STATE_KEYS], &keys, sizeof(keys));
	}
	frame->flags |= UC_FP_XSTATE;
	frame->context.fpstate = (void *)to;
}

long arch_fit_frames(const struct plan *plan, const uint64_t *frame_size)
{
	struct fitting fitting = { .plan = plan };

	if (is_same(&plan->registers, frame_size ? *frame_size : 0))
		return 0;
	ask_here(&fitting);
	each_frame(&fitting, fit_frame);
	return fitting.failed;
}

/* ---- Requested states -------------------------------------------------------------------- */

/* asm/prctl.h, since 5.16: ARCH_REQ_XCOMP_PERM */
#define ARCH_REQUEST_CODE 0x1023

long arch_request_states(const struct plan *plan)
{
	long failed = 0;

	if (plan->registers.permitted)
		failed = sys(__NR_arch_prctl, ARCH_REQUEST_CODE, STATE_TILES);
	/* Without AMX here, the user has chosen to start the dump anyway. */
	return failed == -EOPNOTSUPP || failed == -EINVAL ? 0 : failed;
}

void arch_claim_states(const struct plan *plan, uint64_t address)
{
	const struct frame *frame = (const struct frame *)address;
	const struct frame_area *area = frame_area(frame);
	const uint32_t tiles = STATE(STATE_TILES - 1) | STATE(STATE_TILES);

	if (plan->registers.permitted && area && frame_used(area) & STATE(STATE_TILES))
		__asm__ volatile("xrstor64 %0" : : "m"(*area), "a"(tiles), "d"(0) : "memory");
}
