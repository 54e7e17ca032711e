/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranges of addresses or offsets, whose end is exclusive, and alignment.
 */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t start, end;
};

static inline uint64_t range_length(struct range r)
{
	return r.end - r.start;
}

static inline bool range_contains(struct range r, uint64_t address)
{
	return address >= r.start && address < r.end;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

/* Rounds up to a multiple of `unit`, a power of two. */
static inline uint64_t align_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) & -unit;
}

static inline uint64_t align_down(uint64_t value, uint64_t unit)
{
	return value & -unit;
}

#endif
