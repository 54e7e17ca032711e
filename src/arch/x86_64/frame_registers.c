/* SPDX-License-Identifier: MIT
 *
 * x86-64: the general registers in a signal frame.
 */
#include <linux/signal.h>
#include <string.h>

#include "arch_frame.h"
#include "frame_layout.h"

#define REGISTER(name) offsetof(struct frame, context.name)
_Static_assert(offsetof(struct frame, context.eflags) <= ARCH_FRAME_BYTES, "ARCH_FRAME_BYTES");

static uint64_t in_frame(const unsigned char *frame, size_t offset)
{
	uint64_t value;

	memcpy(&value, frame + offset, sizeof(value));
	return value;
}

const uint16_t arch_frame_registers[ARCH_FRAME_REGISTERS] = {
	REGISTER(rax), REGISTER(rbx), REGISTER(rcx), REGISTER(rdx),
	REGISTER(rsi), REGISTER(rdi), REGISTER(rbp), REGISTER(r8),
	REGISTER(r9),  REGISTER(r10), REGISTER(r11), REGISTER(r12),
	REGISTER(r13), REGISTER(r14), REGISTER(r15),
};

const uint16_t arch_frame_dwarf[ARCH_DWARF_REGISTERS] = {
	REGISTER(rax), REGISTER(rdx), REGISTER(rcx), REGISTER(rbx),
	REGISTER(rsi), REGISTER(rdi), REGISTER(rbp), REGISTER(rsp),
	REGISTER(r8),  REGISTER(r9),  REGISTER(r10), REGISTER(r11),
	REGISTER(r12), REGISTER(r13), REGISTER(r14), REGISTER(r15),
	[ARCH_DWARF_COUNTER] = REGISTER(rip),
};

const unsigned char arch_scratch_registers[ARCH_SCRATCH_REGISTERS] = { 0, 1, 2, 4, 5, 8, 9, 10, 11 };

struct arch_frame_stack arch_frame_stack(const unsigned char *frame)
{
	uint32_t flags;
	struct arch_frame_stack stack = {
		.pointer = in_frame(frame, REGISTER(rsp)),
		.alternate = in_frame(frame, offsetof(struct frame, stack)),
		.alternate_size = in_frame(frame, offsetof(struct frame, stack_size)),
	};

	memcpy(&flags, frame + offsetof(struct frame, stack_flags), sizeof(flags));
	if (flags & SS_DISABLE)
		stack.alternate_size = 0;
	return stack;
}

uint64_t arch_frame_counter(const unsigned char *frame)
{
	return in_frame(frame, REGISTER(rip));
}

size_t arch_frame_argument(int number)
{
	static const size_t offsets[] = { REGISTER(rdi), REGISTER(rsi), REGISTER(rdx) };

	return offsets[number];
}
