/* SPDX-License-Identifier: MIT
 *
 * x86-64: offsets in structs, and constants of C headers, for the assembly, which C checks here; and
 * the instructions that several files have.
 */
#ifndef OFFSETS_H
#define OFFSETS_H

/* linux/futex.h */
#define WAIT_PRIVATE 128
#define WAKE_PRIVATE 129

/* struct boot: shared/plan.h */
#define BOOT_LOW_START 32
#define BOOT_LOW_END 40
#define BOOT_OPEN 72
#define BOOT_ARRIVED 76
#define BOOT_EXPECTED 80
#define BOOT_ALWAYS 88
#define BOOT_FIRST 96
#define BOOT_FIRST_PID 104

/* struct arch_thread: arch_thread.h */
#define THREAD_FLAGS 0
#define THREAD_STACK 8
#define THREAD_STORE_TID 16
#define THREAD_CLEAR_TID 24
#define THREAD_POINTER 32
#define THREAD_RUN 40
#define THREAD_ARGUMENT 48
#define THREAD_CLONE_ARGS 56

/* struct clone_args: linux/sched.h, as of Linux 5.5 */
#define CLONE_ARGS_LENGTH 80

#ifdef __ASSEMBLER__
/* Loads all registers from the frame at the stack pointer; does not return. */
#define RT_SIGRETURN mov $__NR_rt_sigreturn, %eax; syscall; hlt
#else
#include <linux/futex.h>
#include <linux/sched.h>
#include <stddef.h>

#include "arch_thread.h"
#include "shared/plan.h"

_Static_assert(WAIT_PRIVATE == FUTEX_WAIT_PRIVATE, "WAIT_PRIVATE");
_Static_assert(WAKE_PRIVATE == FUTEX_WAKE_PRIVATE, "WAKE_PRIVATE");
_Static_assert(offsetof(struct boot, low_start) == BOOT_LOW_START, "BOOT_LOW_START");
_Static_assert(offsetof(struct boot, low_end) == BOOT_LOW_END, "BOOT_LOW_END");
_Static_assert(offsetof(struct boot, open) == BOOT_OPEN, "BOOT_OPEN");
_Static_assert(offsetof(struct boot, arrived) == BOOT_ARRIVED, "BOOT_ARRIVED");
_Static_assert(offsetof(struct boot, expected) == BOOT_EXPECTED, "BOOT_EXPECTED");
_Static_assert(offsetof(struct boot, always) == BOOT_ALWAYS, "BOOT_ALWAYS");
_Static_assert(offsetof(struct boot, first) == BOOT_FIRST, "BOOT_FIRST");
_Static_assert(offsetof(struct boot, first_pid) == BOOT_FIRST_PID, "BOOT_FIRST_PID");
_Static_assert(offsetof(struct arch_thread, flags) == THREAD_FLAGS, "THREAD_FLAGS");
_Static_assert(offsetof(struct arch_thread, stack) == THREAD_STACK, "THREAD_STACK");
_Static_assert(offsetof(struct arch_thread, store_tid) == THREAD_STORE_TID, "THREAD_STORE_TID");
_Static_assert(offsetof(struct arch_thread, clear_tid) == THREAD_CLEAR_TID, "THREAD_CLEAR_TID");
_Static_assert(offsetof(struct arch_thread, thread_pointer) == THREAD_POINTER, "THREAD_POINTER");
_Static_assert(offsetof(struct arch_thread, run) == THREAD_RUN, "THREAD_RUN");
_Static_assert(offsetof(struct arch_thread, argument) == THREAD_ARGUMENT, "THREAD_ARGUMENT");
_Static_assert(offsetof(struct arch_thread, clone_args) == THREAD_CLONE_ARGS, "THREAD_CLONE_ARGS");
_Static_assert(CLONE_ARGS_SIZE_VER1 == CLONE_ARGS_LENGTH, "CLONE_ARGS_LENGTH");
#endif

#endif
