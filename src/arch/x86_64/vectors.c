/* SPDX-License-Identifier: MIT
 *
 * x86-64: the layout of vector registers on this CPU and on that of a core.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>

#include "arch_vectors.h"
#include "cpu_words.h"
#include "frame_layout.h"

_Static_assert(ARCH_REQUESTED_STATES == STATE(STATE_TILES), "STATE_TILES");

void arch_vectors_here(struct plan_registers *ret_registers)
{
	const uint32_t want[CPU_WORDS] = { [CPU_XCR0] = 1 };
	uint32_t has[CPU_WORDS];

	arch_cpu_ask(want, has);
	*ret_registers = (struct plan_registers){ .states = has[CPU_XCR0],
						  .frame_size = getauxval(AT_MINSIGSTKSZ) };
	frame_ask_places(ret_registers, has[CPU_XCR0]);
}

/* The size of each state is the same on all CPUs (Intel SDM 1, 13.5). Its offset is the same on
 * all of Intel's. AMD's have the states one after the other (APM 2, 11.5). */
static const uint16_t state_sizes[STATES] = {
	[2] = AVX_SIZE, [3] = 64, [4] = 64, [5] = 64, [6] = 512, [7] = 1024, [9] = 8, [17] = 64,
	[18] = 8192, [19] = 128,
};
static const uint16_t intel_places[STATES] = {
	[2] = AVX_PLACE, [3] = 960, [4] = 1024, [5] = 1088, [6] = 1152, [7] = 1664, [9] = 2688,
	[17] = 2752, [18] = 2816, [19] = 960,
};

static void set_places(struct plan_registers *registers, bool intel)
{
	uint16_t at = AVX_PLACE;

	for (uint32_t i = STATE_AVX; i < STATES; i++) {
		if (!(registers->states & STATE(i)))
			continue;
		registers->sizes[i] = state_sizes[i];
		registers->places[i] = intel ? intel_places[i] : at;
		at = (uint16_t)(at + state_sizes[i]);
	}
}

/* Tries the known CPUs: the last state must end with the note. */
static void guess_places(struct plan_registers *registers, size_t size)
{
	uint32_t last = frame_last(registers->states);

	for (int intel = 1; intel >= 0; intel--) {
		set_places(registers, intel);
		if (frame_area_size(registers, registers->states) == size)
			return;
	}
	for (uint32_t i = STATE_AVX + 1; i < STATES; i++)
		registers->places[i] = registers->sizes[i] = 0;
	if (last > STATE_AVX && size <= UINT16_MAX
	    && size >= AVX_PLACE + AVX_SIZE + (size_t)state_sizes[last]) {
		registers->sizes[last] = state_sizes[last];
		registers->places[last] = (uint16_t)(size - state_sizes[last]);
	}
}

/* arch/x86/include/uapi/asm/elf.h: struct x86_xfeat_component */
struct layout_entry {
	uint32_t state, size, place, flags;
};

static const char *read_layout_note(struct plan_registers *registers, const unsigned char *layout,
				    size_t size)
{
	struct layout_entry entry;

	for (; size >= sizeof(entry); size -= sizeof(entry), layout += sizeof(entry)) {
		memcpy(&entry, layout, sizeof(entry));
		if (entry.state < STATE_AVX || entry.state >= STATES)
			continue;
		if (entry.size != state_sizes[entry.state] || entry.place % 8
		    || entry.place < AVX_PLACE || entry.place > UINT16_MAX)
			return "the layout in NT_X86_XSAVE_LAYOUT is not possible";
		registers->sizes[entry.state] = (uint16_t)entry.size;
		registers->places[entry.state] = (uint16_t)entry.place;
	}
	return NULL;
}

const char *arch_vectors_of_core(const void *vector, size_t vector_size, const void *layout,
				 size_t layout_size, struct plan_registers *ret_registers)
{
	struct frame_area header;

	*ret_registers = (struct plan_registers){ 0 };
	if (vector_size < sizeof(header))
		return NULL;
	memcpy(&header, vector, sizeof(header));
	/* Notes have XCR0 at the offset of the words of frames (fpu/xstate.c,
	 * __copy_xstate_to_uabi_buf; gdb reads and writes it there, too). */
	memcpy(&ret_registers->states, &header.words, sizeof(ret_registers->states));
	ret_registers->states = (uint32_t)(ret_registers->states | header.used);
	if (layout)
		return read_layout_note(ret_registers, layout, layout_size);
	guess_places(ret_registers, vector_size);
	return NULL;
}

const char *arch_vectors_check(const struct plan_registers *registers, const void *vector,
			       size_t vector_size)
{
	struct frame_area header;
	uint64_t states;

	if (vector_size < sizeof(header))
		return NULL;
	memcpy(&header, vector, sizeof(header));
	if (header.compacted)
		return "they are in compacted form (XCOMP_BV), which no kernel writes";
	if (header.used & ~registers->states)
		return "they are of states that the CPU cannot have";
	states = frame_states(registers, header.used);
	for (uint32_t i = STATE_AVX; i < STATES; i++)
		if (header.used & STATE(i)
		    && (!registers->sizes[i]
			|| registers->places[i] + registers->sizes[i] > vector_size))
			return "their layout is not known of such a CPU";
	return frame_area_size(registers, states) > vector_size
		       ? "they are shorter than those of such a CPU" : NULL;
}
