/* SPDX-License-Identifier: MIT
 *
 * The restarter: freestanding code that runs first in a dump. It decides nothing; it carries
 * out the plan. It has no libc, no writable globals and no relocations: its state is one struct
 * restart on its stack.
 *
 *   restarter.c                                                the order of the stages
 *   cpu identity memory environment values process threads …   the stages
 *   block                                                      the kernel's arguments
 *   base: message string shared/plan_view.h                    the ground floor
 *
 * Calls go down only. restarter.c alone calls the stages, with these exceptions: memory restores
 * objects of shared memory (descriptors/), and threads restores timers and signals of threads.
 */
#ifndef RESTARTER_RESTARTER_H
#define RESTARTER_RESTARTER_H

#include "base.h"
#include "block.h"

struct restart {
	const struct plan *plan;
	struct block block; /* the copy; the kernel's own is unmapped later */
	uint64_t environment; /* the array for `environ` */
	uint64_t kernel_stack, kernel_stack_end;
	uint64_t vdso; /* the new process's; 0: the kernel has mapped none */
	uint64_t brk;  /* see struct boot */
};

/* cpu.c: fails on a CPU without instructions that the dump needs. */
void cpu_check(const struct plan *plan, const struct block *block);

/* identity.c: returns in a process with the ID that the plan asks for, if it does. */
void identity_keep(const struct plan *plan);

/* vdso.c: moves the new vDSO away from the dump's memory. Once that is mapped, replaces the old
 * vDSO by the new one or redirects the vDSO proxy to it. */
void vdso_make_room(struct restart *restart);
void vdso_connect(struct restart *restart);

/* memory.c: the address space. memory_check fails if the limit is too small for the stack
 * that the dump uses. */
void memory_check(const struct plan *plan);
void memory_set_mm_map(struct restart *restart);
void memory_restore(const struct plan *plan);
void memory_populate(const struct plan *plan); /* the pages that starts write to */
void memory_lock(const struct plan *plan);     /* once all memory is complete */

/* environment.c: the array for `environ`. It lies after block->end, in environment_room() bytes, if
 * it is not the kernel's. */
uint64_t environment_room(const struct plan *plan, const struct block *block);
uint64_t environment_merge(const struct plan *plan, const struct block *block);

/* values.c: replaces values of the old process in the program's memory by the new process's. */
void values_replace(const struct restart *restart);

/* process.c: settings of the process. */
void process_restore(const struct plan *plan);

/* signals.c: signal dispositions, and signals that are pending for the process. signals_send
 * sends this thread those that are queued for it, and the set of pending ones. */
void signals_restore(const struct plan *plan);
void signals_send(const struct plan *plan, uint32_t thread, uint32_t tid, uint64_t pending);

/* settings.c: more settings of the process. */
void settings_change_directory(const struct plan *plan);
void settings_restore(const struct plan *plan);

/* protection.c: what protected the process, last, since it forbids what the restarter does. */
void protection_restore(const struct plan *plan);

/* rights.c: gives up the rights that the process had given up. */
void rights_restore(const struct plan *plan);

/* threads.c: makes the other threads and continues as the program's first. */
void threads_restore(const struct plan *plan) __attribute__((noreturn));

/* timers.c: POSIX timers, once all threads exist. */
void timers_restore(const struct plan *plan);

#endif
