/* SPDX-License-Identifier: MIT
 *
 * x86-64: threads: their thread pointers, their start, their stacks, and the
 * code that they wait in until all threads of a dump are complete.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <asm/unistd.h>
#include <stdint.h>

#include "arch_syscall.h"

/* ---- The thread pointers: the bases of FS, which TLS is found by, and of GS --------------- */

/* asm/prctl.h; names there have the prefix ARCH_, too */
#define ARCH_SET_GS_CODE 0x1001
#define ARCH_SET_FS_CODE 0x1002
#define ARCH_GET_FS_CODE 0x1003
#define ARCH_GET_GS_CODE 0x1004

/* The library: returns those of the calling thread. */
static inline void arch_get_thread_pointers(uint64_t *ret_first, uint64_t *ret_second)
{
	sys(__NR_arch_prctl, ARCH_GET_FS_CODE, ret_first);
	sys(__NR_arch_prctl, ARCH_GET_GS_CODE, ret_second);
}

/* The restarter: sets them. 0 or -errno. */
static inline long arch_set_thread_pointers(uint64_t first, uint64_t second)
{
	long failed = sys(__NR_arch_prctl, ARCH_SET_FS_CODE, first);

	if (!failed && second)
		failed = sys(__NR_arch_prctl, ARCH_SET_GS_CODE, second);
	return failed;
}

/* ---- The restarter: restarter_thread.S ---------------------------------------------------- */

/* Runs next(argument) on another stack. */
void arch_switch_stack(uint64_t top, void (*next)(void *), void *argument)
	__attribute__((noreturn));

/* Makes a thread that runs run(argument) on a new stack: by clone3() with clone_args or, if they are
 * NULL, by clone(). Returns the TID or -errno. The request must stay unchanged until the thread has
 * started. offsets.h has its offsets. */
struct arch_thread {
	uint64_t flags, stack, store_tid, clear_tid, thread_pointer;
	void (*run)(void *);
	void *argument;
	const struct clone_args *clone_args; /* linux/sched.h */
};
long arch_start_thread(const struct arch_thread *request);

/* ---- The library: lib.S ------------------------------------------------------------------- */

/* Threads of a dump wait here until the library has completed the start. */
void arch_gate(void);

/* exit(fn(argc, argv, envp)) on another stack, at which unwinders end. */
void arch_call_on_stack(uint64_t top, int (*fn)(int, char **, char **), int argc, char **argv,
			char **envp) __attribute__((noreturn));

/* ---- The unexec program: trampoline.S ----------------------------------------------------- */

/* trampoline(frame, boot): position-independent code of less than a page that the threads of a
 * dump without the library wait in until the last has arrived. */
extern const unsigned char arch_trampoline_start[], arch_trampoline_end[];
/* In it: continues with the frame at the stack pointer. */
extern const unsigned char arch_trampoline_return[];

#endif
