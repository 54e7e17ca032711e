/* SPDX-License-Identifier: MIT
 *
 * The restarter's ground floor: system calls, the view of the plan, strings, messages.
 */
#ifndef RESTARTER_BASE_H
#define RESTARTER_BASE_H

#include <linux/unistd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_syscall.h"
#include "shared/plan.h"
#include "shared/plan_view.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23 /* both since 5.14 */
#endif

/* ---- string.c; the compiler calls the first three, too ------------------------------------ */

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t string_length(const char *string);
int string_equal(const char *a, const char *b);

/* ---- message.c ---------------------------------------------------------------------------- */

/* Prints "unexec: FILE: error: cannot WHAT [NAME]: REASON" on stderr and exits with status 125.
 * FILE is the dump. */
void fail(const char *what, const char *name, long error) __attribute__((noreturn));

/* The same for a line that begin_line() and append() have composed. append() truncates it when
 * it is full. */
struct line {
	size_t length;
	char text[1024];
};
void begin_line(struct line *line, const char *severity);
void append(struct line *line, const char *text);
void append_number(struct line *line, long number);
void append_reason(struct line *line, long error); /* ": REASON" */
void end_line(struct line *line); /* prints it */
void fail_line(struct line *line) __attribute__((noreturn));

/* Prints "unexec: FILE: warning: WHAT NAME"; the start continues. */
void warn(const char *what, const char *name);

#endif
