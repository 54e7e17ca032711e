/* SPDX-License-Identifier: MIT
 *
 * The parts of the code that stays in a dump. Freestanding: no libc, no writable data of its
 * own, no locks. Any thread may run it at any time, also in signal handlers and on a small
 * stack.
 */
#ifndef REDIRECT_REDIRECT_H
#define REDIRECT_REDIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/unistd.h>

#include "arch_machine.h"
#include "arch_memory.h"
#include "arch_syscall.h"
#include "shared/redirect.h"

/* The stack of a signal handler may be small. */
#define MAPS_BUFFER 512
#define MAPS_NAME 4
#include "shared/proc_maps.h"

#define EFAULT 14
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EINVAL 22

#define PAGE ARCH_PAGE_MIN

struct span {
	uint64_t start, end;
};

static inline struct span span_meet(struct span a, struct span b)
{
	return (struct span){ a.start > b.start ? a.start : b.start,
			      a.end < b.end ? a.end : b.end };
}

static inline bool span_is_empty(struct span span)
{
	return span.start >= span.end;
}

/* ---- redirect_maps.c: the list of mappings ------------------------------------------------ */

struct mapping {
	struct span span;
	uint32_t prot;
	bool shared;
	bool special; /* the kernel's own, such as [vdso] */
	uint64_t device, inode;
};

/* Returns false if /proc cannot be read. */
bool mappings_open(struct maps_reader *maps);
bool mappings_next(struct maps_reader *maps, struct mapping *mapping);
void mappings_close(const struct maps_reader *maps);

/* Finds the mapping of the dump's file that this code lies in. Returns false if /proc cannot be
 * read. */
bool mappings_find_own(struct mapping *own);

static inline bool mapping_is_of(const struct mapping *mapping, const struct mapping *own)
{
	return !mapping->shared && mapping->device == own->device
	       && mapping->inode == own->inode;
}

static inline bool mapping_is_anonymous(const struct mapping *mapping)
{
	return !mapping->shared && !mapping->inode && !mapping->special;
}

/* ---- redirect_table.c: lazily mapped memory ------------------------------------------- */

/* The first range that ends after `address`, or the end of the list. */
struct redirect_range *table_from(const struct redirect_table *table, uint64_t address);
struct redirect_range *table_end(const struct redirect_table *table);

/* Does the span contain memory that was anonymous or, with `any`, of a file? */
bool table_touches(const struct redirect_table *table, struct span span, bool any);

/* Removes a span that has become anonymous. A hole within a range stays in the list. Other
 * threads may do the same at once: ranges only shrink. */
void table_forget(const struct redirect_table *table, struct span span);

/* ---- redirect_memory.c: from lazily mapped to anonymous memory ------------------------ */

enum content { CONTENT_ZERO, CONTENT_KEPT };

/* Maps anonymous memory wherever the span was anonymous before the dump and is still mapped
 * from its file. Returns 0 or -errno; -EFAULT if /proc cannot be read. */
long memory_make_anonymous(const struct redirect_table *table, struct span span,
			   enum content content);

/* Writes zeros without unmapping, for processes that cannot read /proc. Returns 0, or
 * -EAGAIN if some memory is not writable. */
long memory_clear(const struct redirect_table *table, struct span span);

/* Applies the madvise() values of the range at `from` to the span. */
void memory_advise_as(const struct redirect_table *table, uint64_t from, struct span span);

/* Copies pages to zeroed memory; does not touch the target of a page that is zero. */
void memory_copy(uint64_t to, uint64_t from, uint64_t length);

/* ---- The calls; each returns the kernel's result for anonymous memory ----------------- */

long redirect_madvise(const struct redirect_table *table, uint64_t start, uint64_t length,
		      int advice);
long redirect_process_madvise(const struct redirect_table *table, const uint64_t arguments[6]);
long redirect_mremap(const struct redirect_table *table, const uint64_t arguments[6]);

#endif
