/* SPDX-License-Identifier: MIT
 *
 * The restarter: freestanding code that runs first in a dump. It decides nothing; the plan
 * says what to do. No libc, no writable globals, no relocations: everything it knows is in
 * one struct restart on its stack.
 */
#ifndef RESTARTER_RESTARTER_H
#define RESTARTER_RESTARTER_H

#include <stddef.h>
#include <stdint.h>

#include "arch_restarter.h"
#include "shared/plan.h"

/* What the kernel gave the new process: the block of argc, argv, envp, auxv and strings. */
struct block {
	uint64_t start, end; /* end: the top of the kernel's stack */
	uint64_t argc;
	uint64_t argv, envp, auxv; /* addresses of the arrays */
	uint64_t auxv_size;        /* bytes, with AT_NULL */
	uint64_t arg_start, arg_end, env_start, env_end;
};

struct restart {
	const struct plan *plan;
	struct block block; /* the copy; the kernel's own is unmapped later */
	uint64_t kernel_stack, kernel_stack_end;
	uint64_t vdso; /* the new one; 0: there is none */
	uint64_t brk;  /* see struct boot */
};

/* An entry of a table of the plan. */
static inline const void *plan_at(const struct plan *plan, struct plan_table table)
{
	return (const char *)plan + table.offset;
}

static inline const char *plan_string(const struct plan *plan, uint64_t offset)
{
	return (const char *)plan_at(plan, plan->strings) + offset;
}

/* Visits each entry of a table: for_table(const struct plan_op, op, plan, ops) … */
#define for_table(type, entry, plan, table) \
	for (type *entry = plan_at(plan, (plan)->table), \
		  *end_##entry = entry + (plan)->table.count; \
	     entry < end_##entry; entry++)

/* message.c: "unexec: cannot WHAT [NAME]: reason" on stderr, exit status 125. */
void fail(const char *what, const char *name, long error) __attribute__((noreturn));

/* The same for a line that was put together by append(), which cuts it off where it is full. */
struct line {
	size_t length;
	char text[1024];
};
void append(struct line *line, const char *text);
void append_number(struct line *line, long number);
void fail_line(struct line *line) __attribute__((noreturn));

/* The same for what is no reason not to start: "unexec: WHAT NAME". */
void warn(const char *what, const char *name);

/* block.c: what the kernel put on its stack; a copy of it at `address`, all pointers into
 * it adjusted. */
void block_read(struct block *block, uint64_t stack);
void block_copy(struct block *block, uint64_t address);
/* The value of an entry of the auxiliary vector, for reading and writing; NULL: none. */
uint64_t *block_auxv(const struct block *block, uint64_t type);

/* The value of a variable of the environment; NULL: it is not set, or must not be heeded
 * because the process has rights that whoever starts it has not. */
const char *block_variable(const struct block *block, const char *name);

/* cpu.c: ends here on a CPU that the code in the dump was not chosen for. */
void cpu_check(const struct plan *plan, const struct block *block);

/* vdso.c: moves the new vDSO out of the way of the old process's memory; when that is there,
 * puts it in the old one's place or leads the bridge to it. */
void vdso_make_room(struct restart *restart);
void vdso_connect(struct restart *restart);

/* memory.c: the address space as it was. memory_check ends here where its stack, which is in
 * use, could not grow. */
void memory_check(const struct plan *plan);
void memory_tell_kernel(struct restart *restart);
void memory_restore(const struct plan *plan);
void memory_populate(const struct plan *plan); /* what a start writes to */
void memory_lock(const struct plan *plan);     /* when all is as it was */

/* values.c: what the program remembers of its process and must be of the new one. */
void values_renew(const struct restart *restart);

/* files.c: the objects of shared memory, of which some have descriptors; the (other)
 * descriptors, and what the content of objects was staged in becomes free. */
void files_restore_objects(const struct plan *plan);
void kernel_restore_files(const struct plan *plan);

/* rings.c: an io_uring with the positions and the memory that it had. Returns its descriptor, which
 * has O_CLOEXEC, or what failed and in `ret_what` at what. */
long rings_make(const struct plan_file *file, const char *data, const char **ret_what);

/* Maps those of the PLAN_FD_MAP_RING that begin at `first`, and returns NULL; or the one that fails,
 * and in `ret_error` why. */
const struct plan_file *rings_map(const struct plan *plan, const struct plan_file *first,
				  long *ret_error);

/* kernel.c: what the kernel forgot. */
void kernel_restore_process(const struct plan *plan);
void kernel_restore_signals(const struct plan *plan);

/* threads.c: makes the other threads and goes on as the program's. */
void threads_restore(const struct plan *plan) __attribute__((noreturn));

/* timers.c: POSIX timers, once all threads are there. */
void timers_restore(const struct plan *plan);

/* string.c; the compiler calls the first three too. */
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t string_length(const char *string);
int string_equal(const char *a, const char *b);

#endif
