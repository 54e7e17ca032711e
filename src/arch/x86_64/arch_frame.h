/* SPDX-License-Identifier: MIT
 *
 * x86-64: signal frames, from which rt_sigreturn loads all registers, the signal mask and the
 * alternate stack of a thread. frame_layout.h has their layout.
 */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_machine.h"
#include "shared/plan.h"

/* ---- The unexec program: frame.c ---------------------------------------------------------- */

struct arch_registers;

/* A thread as ptrace or a core shows it. */
struct arch_thread_state {
	const struct arch_registers *registers;
	const void *vector;      /* ARCH_VECTOR_NOTE, or NT_PRFPREG's 512 bytes, or NULL */
	size_t vector_size;
	uint64_t mask;           /* its blocked signals */
	uint64_t altstack, altstack_size;
	uint32_t altstack_flags; /* as sigaltstack() returns them; SS_DISABLE: there is none */
};

/* Builds the frame of a thread of that state. `address`, a multiple of
 * ARCH_FRAME_ALIGN, is the place of the frame and becomes plan_thread.frame. An interrupted system
 * call is restarted. `registers` describes the CPU that the vector registers are from. `frame` has
 * room for ARCH_FRAME_ROOM + vector_size bytes. Returns the length. */
size_t arch_frame_build(unsigned char *frame, uint64_t address,
			const struct arch_thread_state *state,
			const struct plan_registers *registers);
#define ARCH_FRAME_ROOM 1024
#define ARCH_FRAME_ALIGN 64

/* No frame of the kernel is longer: with the tiles of AMX it has 11 KB. */
#define ARCH_FRAME_MAX 16384

/* The size of the handler's return address, which lies right before the frame. */
#define ARCH_FRAME_RETURN sizeof(uint64_t)

/* Builds ARCH_FRAME_CALL bytes that lie right before `next`, the frame of a thread, at
 * next_address: a frame that calls function(a, b, 0.0) with all signals blocked, after which the
 * thread continues with `next`. `back` is the address of arch_trampoline_return's copy. */
#define ARCH_FRAME_CALL (ARCH_FRAME_ROOM + ARCH_FRAME_ALIGN)
void arch_frame_call(unsigned char frame[ARCH_FRAME_CALL], const unsigned char *next,
		     uint64_t next_address, uint64_t back, uint64_t function, uint64_t a,
		     uint64_t b);

/* True if a frame lies at `address`, after the return address of a handler: the vector registers
 * that it points to have their marks at both ends. They lie above the frame, or elsewhere if the
 * start of a dump has moved them. */
bool arch_is_frame(uint64_t address, arch_reader *read, void *context);

/* Returns in *ret_states the states of vector registers in the frame at `address` that a CPU must
 * have at the start, and calls patch() to replace words that the kernel would reject. 0, or -1:
 * the frame cannot be read. */
int arch_frame_settle(const struct plan_registers *registers, uint64_t address,
		      arch_reader *read,
		      void (*patch)(void *context, uint64_t address, const void *bytes,
				    size_t length),
		      void *context, uint64_t *ret_states);

/* ---- The general registers in a frame: frame_registers.c ---------------------------------- */

/* The first bytes of a frame, which have all of them. */
#define ARCH_FRAME_BYTES 256

/* Offsets of the general registers, except the stack pointer. */
#define ARCH_FRAME_REGISTERS 15
extern const uint16_t arch_frame_registers[ARCH_FRAME_REGISTERS];

/* Offsets of the registers of DWARF's unwind information, by their number there (System V ABI,
 * 3.6.2). Two are the stack pointer and the program counter. */
#define ARCH_DWARF_REGISTERS 17
#define ARCH_DWARF_STACK 7
#define ARCH_DWARF_COUNTER 16
extern const uint16_t arch_frame_dwarf[ARCH_DWARF_REGISTERS];

/* DWARF's numbers of the registers that a function need not preserve for its caller. */
#define ARCH_SCRATCH_REGISTERS 9
extern const unsigned char arch_scratch_registers[ARCH_SCRATCH_REGISTERS];

/* The program counter. */
uint64_t arch_frame_counter(const unsigned char *frame);

/* The stack pointer, and the alternate stack that the thread had; size 0: none. */
struct arch_frame_stack {
	uint64_t pointer;
	uint64_t alternate, alternate_size;
};
struct arch_frame_stack arch_frame_stack(const unsigned char *frame);

/* The offset of argument `number` (0, 1, 2) of a function that is about to begin. */
size_t arch_frame_argument(int number);

/* ---- The restarter ------------------------------------------------------------------------ */

/* fit_frames.c: rewrites the frames of all threads so that this kernel on this CPU loads them
 * without loss. frame_size: AT_MINSIGSTKSZ, or NULL. Returns 0, or -errno without memory. */
long arch_fit_frames(const struct plan *plan, const uint64_t *frame_size);

/* restarter_thread.S: rt_sigreturn with this stack pointer. */
void arch_leave(uint64_t frame) __attribute__((noreturn));

#endif
