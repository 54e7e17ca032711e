/* SPDX-License-Identifier: MIT
 *
 * x86-64: builds a signal frame of a thread's registers, as ptrace and core files have them,
 * from which the kernel loads them by rt_sigreturn (arch/x86/kernel/signal_64.c, fpu/signal.c).
 */
#include <string.h>

#include "arch_frame.h"
#include "arch_registers.h"
#include "frame_layout.h"
#include "offsets.h"

/* The offset of the area in the frames that are built here: a multiple of 64. */
#define AREA_PLACE 320
_Static_assert(AREA_PLACE >= sizeof(struct frame) && AREA_PLACE % 64 == 0
	       && AREA_PLACE + LEGACY_SIZE <= ARCH_FRAME_ROOM, "AREA_PLACE");

/* ---- General registers ------------------------------------------------------------------- */

static void set_registers(struct sigcontext *to, const struct arch_registers *registers)
{
	const struct user_regs_struct *from = &registers->user;

	*to = (struct sigcontext){
		.r8 = from->r8, .r9 = from->r9, .r10 = from->r10, .r11 = from->r11,
		.r12 = from->r12, .r13 = from->r13, .r14 = from->r14, .r15 = from->r15,
		.rdi = from->rdi, .rsi = from->rsi, .rbp = from->rbp, .rbx = from->rbx,
		.rdx = from->rdx, .rax = from->rax, .rcx = from->rcx, .rsp = from->rsp,
		.rip = from->rip, .eflags = from->eflags,
		.cs = (uint16_t)from->cs, .ss = (uint16_t)from->ss,
	};
	if (arch_restarts_syscall(registers)) {
		to->rax = from->orig_rax;
		to->rip -= ARCH_SYSCALL_LENGTH;
	}
}

/* ---- Vector registers -------------------------------------------------------------------- */

/* 1: the dump may start on a CPU without this state. It is initial (zeros, which XSAVE may also
 * write for a state that was used before), or it is the default keys of all processes. 0: it has
 * other values. -1: it cannot be read. */
static int is_initial(const struct plan_registers *registers, uint64_t area, uint32_t state,
		      arch_reader *read, void *context)
{
	static const unsigned char zeros[8192];
	unsigned char content[sizeof(zeros)] = { 0 };
	const uint32_t keys = KEYS_DEFAULT;
	size_t size = registers->sizes[state];

	if (size > sizeof(content))
		return 0;
	if (read(context, area + registers->places[state], content, size))
		return -1;
	if (state == STATE_KEYS && !memcmp(content, &keys, sizeof(keys)))
		return 1;
	return !memcmp(content, zeros, size);
}

static int find_used(const struct plan_registers *registers, uint64_t area, uint64_t used,
		     arch_reader *read, void *context, uint64_t *ret_states)
{
	for (uint32_t i = STATE_AVX; i < STATES; i++) {
		int initial = used & STATE(i) ? is_initial(registers, area, i, read, context) : 1;

		if (initial < 0)
			return -1;
		if (!initial)
			*ret_states |= STATE(i);
	}
	return 0;
}

/* The frame of a thread that has used AMX, and has nothing in its tiles now, has a size that the
 * kernel accepts only from threads that have used AMX. This gives it the size without tiles. */
static void drop_tiles(const struct plan_registers *registers, uint64_t area,
		       struct frame_area *header,
		       void (*patch)(void *context, uint64_t address, const void *bytes,
				     size_t length),
		       void *context)
{
	const uint64_t states = frame_states(registers, header->used);
	const uint32_t size = frame_area_size(registers, states), mark = FP_XSTATE_MAGIC2;

	if (header->words.xstate_size <= size)
		return;
	header->words.xstate_size = size;
	header->words.extended_size = size + (uint32_t)sizeof(mark);
	header->words.xfeatures = states | STATES_LEGACY;
	patch(context, area + offsetof(struct frame_area, words), &header->words,
	      sizeof(header->words));
	patch(context, area + size, &mark, sizeof(mark));
}

bool arch_is_frame(uint64_t address, arch_reader *read, void *context)
{
	struct frame_area header;
	struct frame frame;
	uint32_t mark;
	uint64_t area;

	if (read(context, address, &frame, sizeof(frame)))
		return false;
	area = (uint64_t)frame_area(&frame);
	return area && !(area % 64) && !read(context, area, &header, sizeof(header))
	       && header.words.magic1 == FP_XSTATE_MAGIC1 && !header.compacted
	       && header.words.xstate_size >= sizeof(header)
	       && header.words.xstate_size <= UINT16_MAX
	       && !read(context, area + header.words.xstate_size, &mark, sizeof(mark))
	       && mark == FP_XSTATE_MAGIC2;
}

int arch_frame_settle(const struct plan_registers *registers, uint64_t address,
		      arch_reader *read,
		      void (*patch)(void *context, uint64_t address, const void *bytes,
				    size_t length),
		      void *context, uint64_t *ret_states)
{
	struct frame_area header;
	struct frame frame;
	uint64_t area;

	*ret_states = 0;
	if (read(context, address, &frame, sizeof(frame)))
		return -1;
	area = (uint64_t)frame_area(&frame);
	if (!area)
		return 0;
	if (read(context, area, &header, LEGACY_SIZE))
		return -1;
	if (header.words.magic1 != FP_XSTATE_MAGIC1)
		return 0;
	if (read(context, area, &header, sizeof(header)))
		return -1;
	drop_tiles(registers, area, &header, patch, context);
	return find_used(registers, area, frame_used(&header), read, context, ret_states);
}

/* The legacy area alone, if nothing else is known. */
static size_t set_legacy(unsigned char *to, const unsigned char *from)
{
	memcpy(to, from, LEGACY_SIZE);
	memset(to + offsetof(struct frame_area, words), 0, sizeof(struct _fpx_sw_bytes));
	return LEGACY_SIZE;
}

static size_t set_vector(unsigned char *to, const struct arch_thread_state *state,
			 const struct plan_registers *registers)
{
	struct frame_area header;

	if (state->vector_size < sizeof(header) || !registers->states)
		return set_legacy(to, state->vector);
	memcpy(&header, state->vector, sizeof(header));
	return frame_write_area(to, registers, state->vector, registers,
				header.used & registers->states);
}

/* ---- All of it --------------------------------------------------------------------------- */

size_t arch_frame_build(unsigned char *bytes, uint64_t address,
			const struct arch_thread_state *state,
			const struct plan_registers *registers)
{
	struct frame frame = {
		.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
		.stack = state->altstack,
		.stack_flags = state->altstack_flags,
		.stack_size = state->altstack_size,
		.mask = state->mask,
	};
	size_t vector = 0;

	set_registers(&frame.context, state->registers);
	if (state->vector && state->vector_size >= LEGACY_SIZE) {
		vector = set_vector(bytes + AREA_PLACE, state, registers);
		frame.context.fpstate = (struct _fpstate *)(address + AREA_PLACE);
		frame.flags |= vector > LEGACY_SIZE ? UC_FP_XSTATE : 0;
	}
	memcpy(bytes, &frame, sizeof(frame));
	return AREA_PLACE + vector;
}

/* For a frame without vector registers, the kernel sets their initial state: xmm0 is 0.0. */
void arch_frame_call(unsigned char bytes[ARCH_FRAME_CALL], const unsigned char *next,
		     uint64_t next_address, uint64_t back, uint64_t function, uint64_t a,
		     uint64_t b)
{
	struct frame frame;

	memcpy(&frame, next, sizeof(frame));
	frame.flags &= ~(uint64_t)UC_FP_XSTATE;
	frame.mask = ~UINT64_C(0);
	frame.context = (struct sigcontext){
		.rdi = a, .rsi = b, .rip = function,
		.rsp = next_address - sizeof(back),
		.eflags = 1 << 1 | 1 << 9, /* the bit that is always set; interrupts enabled */
		.cs = frame.context.cs, .ss = frame.context.ss,
	};
	memset(bytes, 0, ARCH_FRAME_CALL);
	memcpy(bytes, &frame, sizeof(frame));
	memcpy(bytes + ARCH_FRAME_CALL - sizeof(back), &back, sizeof(back));
}
