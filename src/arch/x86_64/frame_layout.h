/* SPDX-License-Identifier: MIT
 *
 * x86-64: signal frames and the vector registers in them, as the kernel reads and writes them.
 * The unexec program and the restarter use it.
 *
 *   | struct frame … fpstate ──►| legacy area | header | AVX | … | MAGIC2
 *                               0            512      576       size
 *
 * XSAVE writes the area of vector registers in its standard form. The offsets of the states above
 * AVX depend on the CPU (AVX-512 begins at 1088 on Intel's and at 832 on AMD's), and so does the
 * size of the area. Every kernel accepts an area of exactly the size that it would write itself
 * (arch/x86/kernel/fpu/signal.c, check_xstate_in_sigframe). All kernels take a larger area for a
 * legacy one, silently, so that the other states are lost; kernels from 6.15 until early in 2026
 * do the same with a smaller one (dc8aa31a7ac2 and its revert: the place of MAGIC2). A state that
 * the header lists and the CPU lacks makes XRSTOR fault, which is SIGSEGV.
 */
#ifndef FRAME_LAYOUT_H
#define FRAME_LAYOUT_H

#include <asm/sigcontext.h> /* conflicts with <signal.h> */
#include <stddef.h>
#include <stdint.h>

#include "cpu_ask.h"
#include "shared/plan.h"

/* asm/ucontext.h */
#define UC_FP_XSTATE 1
#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

/* The kernel's struct ucontext (include/uapi/asm-generic/ucontext.h); its stack_t and
 * sigset_t are not libc's. */
struct frame {
	uint64_t flags, link;
	uint64_t stack;
	uint32_t stack_flags, pad;
	uint64_t stack_size;
	struct sigcontext context;
	uint64_t mask;
};
_Static_assert(sizeof(struct frame) == 304, "struct ucontext");

#define LEGACY_SIZE 512

/* The start of every area. */
struct frame_area {
	unsigned char legacy[LEGACY_SIZE - sizeof(struct _fpx_sw_bytes)];
	struct _fpx_sw_bytes words; /* describe the rest of the area; zeros: there is none */
	uint64_t used;      /* XSTATE_BV: other states are initial */
	uint64_t compacted; /* XCOMP_BV: 0 in the standard form */
	uint64_t reserved[6];
};
_Static_assert(sizeof(struct frame_area) == 576, "the header of XSAVE");
_Static_assert(offsetof(struct frame_area, used) == LEGACY_SIZE, "the legacy area");

/* States, by their number in XCR0. Offsets and sizes of the first three are the same on all
 * CPUs. */
#define STATE(number) (UINT64_C(1) << (number))
enum { STATE_AVX = 2, STATE_KEYS = 9, STATE_TILES = 18, STATES = PLAN_STATES };
#define STATES_LEGACY (STATE(0) | STATE(1)) /* x87 and SSE */
#define AVX_PLACE 576
#define AVX_SIZE 256

/* Linux sets this in each process (arch/x86/mm/pkeys.c, init_pkru_value): no access to memory with
 * any key except the first. So all programs on CPUs with protection keys "use" that state. */
#define KEYS_DEFAULT UINT32_C(0x55555554)

/* Fills in offsets and sizes of `states`. Executes one CPUID for each state above AVX. */
static inline void frame_ask_places(struct plan_registers *registers, uint64_t states)
{
	uint32_t answer[4];

	registers->places[STATE_AVX] = AVX_PLACE;
	registers->sizes[STATE_AVX] = AVX_SIZE;
	for (uint32_t i = STATE_AVX + 1; i < STATES; i++) {
		if (!(states & STATE(i)) || registers->sizes[i])
			continue;
		arch_cpuid(0xd, i, answer);
		registers->sizes[i] = (uint16_t)answer[0];
		registers->places[i] = (uint16_t)answer[1];
	}
}

/* The states that the kernel writes into the frames of a thread that has used just `used`. It
 * writes the tiles of AMX only from their first use on (fpu_user_cfg.default_features). */
static inline uint64_t frame_states(const struct plan_registers *registers, uint64_t used)
{
	return registers->states & (~STATE(STATE_TILES) | used);
}

/* The state with the highest offset. There is always one. */
static inline uint32_t frame_last(uint64_t states)
{
	return 63 - (uint32_t)__builtin_clzll(states | STATE(0));
}

/* The size of an area of these states (arch/x86/kernel/fpu/xstate.c, xstate_calculate_size). */
static inline uint32_t frame_area_size(const struct plan_registers *registers, uint64_t states)
{
	uint32_t last = frame_last(states);

	return last < STATE_AVX ? sizeof(struct frame_area)
				: registers->places[last] + registers->sizes[last];
}

static inline struct frame_area *frame_area(const struct frame *frame)
{
	return (struct frame_area *)frame->context.fpstate;
}

/* The states that the kernel loads from an area. */
static inline uint64_t frame_used(const struct frame_area *area)
{
	return area->words.magic1 == FP_XSTATE_MAGIC1 ? area->used & area->words.xfeatures
						      : STATES_LEGACY;
}

/* Writes an area at `to`, which must be zeros, as the kernel of a CPU with `registers` would. It
 * has the states `used` of the area `from`, which is of a CPU with from_registers. Returns the
 * length, which includes the mark at the end. */
static inline uint32_t frame_write_area(unsigned char *to, const struct plan_registers *registers,
					const unsigned char *from,
					const struct plan_registers *from_registers,
					uint64_t used)
{
	const uint32_t mark = FP_XSTATE_MAGIC2;
	const uint64_t states = frame_states(registers, used);
	const uint32_t size = frame_area_size(registers, states);
	struct frame_area *area = (struct frame_area *)to;

	__builtin_memcpy(to, from, sizeof(area->legacy));
	area->words = (struct _fpx_sw_bytes){ .magic1 = FP_XSTATE_MAGIC1,
					      .extended_size = size + (uint32_t)sizeof(mark),
					      .xfeatures = states | STATES_LEGACY,
					      .xstate_size = size };
	area->used = used;
	for (uint32_t i = STATE_AVX; i < STATES; i++)
		if (used & STATE(i))
			__builtin_memcpy(to + registers->places[i],
					 from + from_registers->places[i], registers->sizes[i]);
	__builtin_memcpy(to + size, &mark, sizeof(mark));
	return size + (uint32_t)sizeof(mark);
}

#endif
