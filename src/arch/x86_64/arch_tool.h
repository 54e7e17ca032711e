/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the unexec program must know of the machine it writes for.
 */
#ifndef ARCH_TOOL_H
#define ARCH_TOOL_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/plan.h"

#define ARCH_MACHINE EM_X86_64
#define ARCH_NAME "x86-64"

/* What a debugger writes over the first byte of an instruction to stop there: int3. */
#define ARCH_BREAKPOINT 0xcc

/* bits/rseq.h of glibc 2.35: RSEQ_SIG */
#define ARCH_RSEQ_SIGNATURE 0x53053053

/* The code that takes the place of the vDSO's function `name` at `address`: a jump through
 * the slot at `slot`, and behind it, at *ret_fallback, what does the same by a system call.
 * Returns its length, 0 if it does not fit in `room` bytes. */
size_t arch_vdso_proxy_code(unsigned char *code, size_t room, uint64_t address, uint64_t slot,
			const char *name, uint64_t *ret_fallback);

#define ARCH_FRAME_BYTES 256 /* what is looked at of a signal frame (plan_thread.frame) */

/* Where in a frame the general registers lie, but for the stack pointer. */
#define ARCH_FRAME_REGISTERS 15
extern const uint16_t arch_frame_registers[ARCH_FRAME_REGISTERS];

/* Where in a frame each register lies that DWARF's unwind information speaks of, by its number
 * there (System V ABI, 3.6.2): 16 is the program counter. */
#define ARCH_DWARF_REGISTERS 17
#define ARCH_DWARF_STACK 7
extern const uint16_t arch_frame_dwarf[ARCH_DWARF_REGISTERS];
/* Those of them that a function need not keep for its caller. */
#define ARCH_SCRATCH_REGISTERS 9
extern const unsigned char arch_scratch_registers[ARCH_SCRATCH_REGISTERS];

/* What a function does with a word of the thread's control block (%fs:offset), by the instruction
 * `at` bytes from its start: loads it into register `number`; stores it in, or compares it with,
 * what lies `offset` bytes from where register `base` points. Registers have DWARF's numbers. */
enum arch_held_kind { ARCH_LOADED, ARCH_STORED, ARCH_COMPARED };
struct arch_held {
	enum arch_held_kind kind;
	int number, base;
	int32_t offset;
	uint32_t at;
};
/* Calls found(context, …) for each of those in the code of a function. */
void arch_find_held(const unsigned char *code, size_t length, uint32_t offset,
		    void (*found)(void *context, const struct arch_held *held), void *context);

/* Whether a function that loads the word may compare something with it: in this code, or in a part of
 * it that is elsewhere. is_part(context, at) tells whether there is such a part at that distance from
 * the function's start. */
bool arch_may_compare(const unsigned char *code, size_t length, uint32_t offset,
		      bool (*is_part)(void *context, int64_t at), void *context);

/* Below the stack pointer, this much is a function's own (System V ABI, 3.2.2). */
#define ARCH_RED_ZONE 128

/* The stack pointer in a frame, and the alternate stack that the thread had; size 0: none. */
struct arch_frame_stack {
	uint64_t pointer;
	uint64_t alternate, alternate_size;
};
struct arch_frame_stack arch_frame_stack(const unsigned char *frame);

/* Where in the frame the program counter lies. */
extern const uint16_t arch_frame_counter_place;

/* tid_code.c: where a libc has told the kernel of its first thread by set_tid_address(), and
 * where it keeps the TID that this returns. */
struct arch_tid_code {
	bool absolute; /* `clear` is an address, not relative to the thread pointer */
	int64_t clear; /* the word that the kernel clears when the thread ends */
	int64_t tid;   /* from the thread pointer: the word that holds the TID */
};
/* So much is looked at before and from that system call on. */
#define ARCH_TID_CODE_BEFORE 64
#define ARCH_TID_CODE_BEHIND 16
#define ARCH_TID_CODE (ARCH_TID_CODE_BEFORE + ARCH_TID_CODE_BEHIND)
/* Looks for the first such code in these bytes, which begin at `address`; those that begin or
 * end them are only its surroundings. Returns how many bytes lie before the end of the system
 * call; 0: there is none. */
size_t arch_find_tid_code(const unsigned char *code, size_t length, uint64_t address,
			  struct arch_tid_code *ret);
/* A thread's control block is smaller than this: glibc's takes 2.3 KB, musl's 200 bytes. */
#define ARCH_CONTROL_BLOCK 4096

/* thread_code.c: whether these bytes end the code that has called a thread's start. */
#define ARCH_THREAD_END 12
#define ARCH_THREAD_END_CALL 2 /* the return address leads so far into them */
bool arch_is_thread_end(const unsigned char *code);
/* How many bytes lie before the end of the first system call rseq(); 0: there is none. */
size_t arch_find_rseq_code(const unsigned char *code, size_t length);
/* What kind of call these bytes end with. */
enum arch_call { ARCH_CALL_NONE, ARCH_CALL_DIRECT, ARCH_CALL_BY_POINTER };
#define ARCH_CALL_BEFORE 8
enum arch_call arch_call_before(const unsigned char code[ARCH_CALL_BEFORE]);

/* A thread as ptrace or a core file shows it. */
struct arch_thread_state {
	const void *registers;   /* struct user_regs_struct: NT_PRSTATUS has it, too */
	const void *vector;      /* NT_X86_XSTATE, or NT_PRFPREG's 512 bytes, or NULL */
	size_t vector_size;
	uint64_t mask;           /* the signals that it blocks */
	uint64_t altstack, altstack_size;
	uint32_t altstack_flags; /* as sigaltstack() tells; SS_DISABLE: there is none */
};

#define ARCH_REGISTERS_SIZE 216 /* sizeof(struct user_regs_struct) */

/* Builds the signal frame from which rt_sigreturn makes a thread of that state; it will lie
 * at an address that is a multiple of 64, which is what plan_thread.frame says. A system
 * call that was interrupted is begun again. `registers`: of the CPU that the vector registers
 * are from. Returns its length, at most `room` (which must
 * be ARCH_FRAME_ROOM and the vector_size). */
size_t arch_frame_build(unsigned char *frame, uint64_t address,
			const struct arch_thread_state *state,
			const struct plan_registers *registers);
#define ARCH_FRAME_ROOM 1024

/* The states of vector registers that a process must ask for: the tiles of AMX. */
#define ARCH_ASKED_STATES (UINT64_C(1) << 18)

/* What this CPU and its kernel keep of vector registers, and where. */
void arch_registers_here(struct plan_registers *ret_registers);

/* The same of the CPU that NT_X86_XSTATE is from: by NT_X86_XSAVE_LAYOUT, which kernels from 6.12
 * on write into cores, or, where that is NULL, as far as it is known of what CPUs. NULL, or what
 * is wrong with it. */
const char *arch_registers_of_core(const void *vector, size_t vector_size, const void *layout,
				   size_t layout_size, struct plan_registers *ret_registers);

/* Whether a thread's vector registers are what they can be there: NULL, or what is wrong. */
const char *arch_registers_check(const struct plan_registers *registers, const void *vector,
				 size_t vector_size);

typedef int arch_code_reader(void *context, uint64_t address, void *buffer, size_t length);

/* Whether at `address`, behind what a handler returns to, lies a frame: the vector registers that
 * it leads to, above it or where a start has put them, have marks at both ends. */
bool arch_is_frame(uint64_t address, arch_code_reader *read, void *context);

/* Tells which states the vector registers in the frame at `address` are of that a CPU must have
 * at the start, and has patched what the kernel would not take there. 0, or -1: it cannot be
 * read. */
int arch_frame_settle(const struct plan_registers *registers, uint64_t address,
		      arch_code_reader *read,
		      void (*patch)(void *context, uint64_t address, const void *bytes,
				    size_t length),
		      void *context, uint64_t *ret_states);

/* From what thread-local storage is found by: the stack canary (gcc's -fstack-protector; glibc
 * and musl), and what glibc mangles pointers with (sysdeps/x86_64/nptl/tls.h). */
#define ARCH_CANARY_PLACE 0x28
#define ARCH_GUARD_PLACE 0x30

/* What glibc makes of a pointer with that guard, and back (sysdeps/x86_64/pointer_guard.h). */
static inline uint64_t arch_mangle(uint64_t pointer, uint64_t guard)
{
	return (pointer ^ guard) << 17 | (pointer ^ guard) >> 47;
}

static inline uint64_t arch_demangle(uint64_t word, uint64_t guard)
{
	return (word >> 17 | word << 47) ^ guard;
}

/* Whether a thread whose program counter leads to `code` is about to do a system call or is in
 * one: then its registers hold that call's arguments. Reads two bytes before and behind. */
bool arch_is_system_call(const unsigned char *code);

/* The program counter in a signal frame of ARCH_FRAME_BYTES. */
uint64_t arch_frame_counter(const unsigned char *frame);

/* Where in a frame argument `number` (0, 1, 2) of the function lies that is about to begin. */
size_t arch_frame_argument(int number);

/* The program counter, the stack pointer and what thread-local storage is found by. */
struct arch_thread_place {
	uint64_t counter, stack, thread_pointer, thread_pointer_2;
};
struct arch_thread_place arch_thread_place(const void *registers);

/* trampoline.S: code of fewer bytes than a page that threads wait in until all are there,
 * landing(frame, boot). It may lie anywhere. */
extern const unsigned char arch_trampoline_start[], arch_trampoline_end[];
/* In it: goes on with the frame at the stack pointer. */
extern const unsigned char arch_trampoline_return[];

/* Makes a frame that calls function(a, b, 0.0), with all signals blocked, and then goes on with
 * `next`, the frame of the thread, which lies at next_address: the address that the call returns
 * to, of arch_trampoline_return's copy, is written into the word before it. Returns the length. */
size_t arch_frame_call(unsigned char *frame, const unsigned char *next, uint64_t next_address,
		       uint64_t function, uint64_t a, uint64_t b);

/* Whether the thread waits or is about to, in a system call that no libc makes with a lock held
 * but that of a stream: read, poll, nanosleep, … */
bool arch_is_waiting(const void *registers, arch_code_reader *read, void *context);

/* call_number.c: the number of the system call that the thread is in, by the code that has made
 * it; -1: it cannot be told. */
long arch_number_in_code(const void *registers, arch_code_reader *read, void *context);

/* Whether these bytes of code are what a signal handler returns to: rt_sigreturn, as unwinders
 * recognise it. */
#define ARCH_RESTORER_BYTES 9
bool arch_is_restorer(const unsigned char *code);

/* How far a slot may be from the code. */
#define ARCH_VDSO_PROXY_REACH (UINT64_C(1) << 30)

/* Calls add(context, name) for each instruction set that this CPU has and that programs
 * and libc choose code by. */
void arch_cpu_features(void (*add)(void *context, const char *name), void *context);

/* Adds to the words of plan.cpu what must be there for that name; false: none is known. */
bool arch_cpu_need(uint32_t cpu[], const char *name);

/* Whether this CPU has what that name says. */
bool arch_cpu_has(const char *name);

/* Calls add(context, name) for what a CPU must have for these states of vector registers. Returns
 * those that there is no name for. */
uint64_t arch_cpu_states(uint64_t states, void (*add)(void *context, const char *name),
			 void *context);

/* The levels of the architecture's psABI: 1 for "baseline"; 0: there is none of that name. */
int arch_cpu_level(const char *name);
#define ARCH_CPU_LEVELS "baseline x86-64-v2 x86-64-v3 x86-64-v4"

/* Whether CPUs of that level have what this name says. */
bool arch_cpu_level_has(int level, const char *name);

/* What must be added to the environment of a program so that libc and others choose code
 * that CPUs of that level can run, unless it is there: calls add(context, name, value). */
void arch_cpu_level_variables(int level, void (*add)(void *context, const char *name,
						     const char *value), void *context);

#endif
