/* SPDX-License-Identifier: MIT
 *
 * x86-64: what the restarter needs of the machine. Freestanding.
 */
#ifndef ARCH_RESTARTER_H
#define ARCH_RESTARTER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/elf-em.h>
#include <linux/unistd.h>

#include "arch_syscall.h"
#include "shared/plan.h"

#define ARCH_MACHINE EM_X86_64

/* asm/prctl.h */
#define ARCH_SET_GS_CODE 0x1001
#define ARCH_SET_FS_CODE 0x1002

/* Tells the kernel the bases that TLS is found by. 0 or -errno. */
static inline long arch_set_bases(uint64_t thread_pointer, uint64_t thread_pointer_2)
{
	long failed = sys(__NR_arch_prctl, ARCH_SET_FS_CODE, thread_pointer);

	if (!failed && thread_pointer_2)
		failed = sys(__NR_arch_prctl, ARCH_SET_GS_CODE, thread_pointer_2);
	return failed;
}

static inline void *arch_copy(void *to, const void *from, uint64_t length)
{
	void *result = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
	return result;
}

static inline void *arch_fill(void *to, int byte, uint64_t length)
{
	void *result = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(byte) : "memory");
	return result;
}

/* restarter.S: goes on with next(argument) on another stack. */
void arch_switch_stack(uint64_t top, void (*next)(void *), void *argument)
	__attribute__((noreturn));

/* restarter.S: clone() with a new stack, and run(argument) on it in the new thread. Returns
 * the TID or -errno. The request must stay as it is until the thread has started. */
struct arch_thread {
	uint64_t flags, stack, store_tid, clear_tid, thread_pointer;
	void (*run)(void *);
	void *argument;
};
long arch_start_thread(const struct arch_thread *request);

/* restarter.S: rt_sigreturn with this stack pointer: the kernel loads all registers, the
 * vector state, the signal mask and the alternate stack from the frame there. */
void arch_leave(uint64_t frame) __attribute__((noreturn));

/* registers.c: makes the threads' frames such as this kernel on this CPU takes them without loss.
 * frame_size: AT_MINSIGSTKSZ, or NULL. */
void arch_fit_frames(const struct plan *plan, const uint64_t *frame_size);

/* The states of vector registers that a process must ask for before it can use them (AMX); and
 * what a thread must do itself before the kernel takes a frame that has something in them. */
void arch_request_states(const struct plan *plan);
void arch_claim_states(const struct plan *plan, uint64_t frame);

/* cpu.c: whether this CPU has all that plan.cpu says; if not, what it lacks. At most two
 * CPUIDs, but where the dump needs what only some old CPUs have. */
bool arch_cpu_fits(const uint32_t need[PLAN_CPU_WORDS], uint32_t lacks[PLAN_CPU_WORDS]);

/* What there is to say behind "this CPU": in pieces, to add(context, text). */
void arch_cpu_name_missing(const uint32_t need[PLAN_CPU_WORDS],
			   const uint32_t lacks[PLAN_CPU_WORDS],
			   void (*add)(void *context, const char *text), void *context);

#endif
