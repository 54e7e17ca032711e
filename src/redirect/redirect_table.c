/* SPDX-License-Identifier: MIT
 *
 * The table of memory that is lazily mapped from the dump's file.
 */
#include "redirect.h"

struct redirect_range *table_end(const struct redirect_table *table)
{
	return (struct redirect_range *)table->ranges + table->count;
}

/* table_forget() keeps the ends sorted. */
struct redirect_range *table_from(const struct redirect_table *table, uint64_t address)
{
	struct redirect_range *ranges = (struct redirect_range *)table->ranges;
	uint64_t low = 0, high = table->count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (ranges[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return ranges + low;
}

bool table_touches(const struct redirect_table *table, struct span span, bool any)
{
	const struct redirect_range *range = table_from(table, span.start);

	for (; range < table_end(table) && range->start < span.end; range++)
		if ((any || range->kind == REDIRECT_ANONYMOUS) && range->start < range->end)
			return true;
	return false;
}

void table_forget(const struct redirect_table *table, struct span span)
{
	struct redirect_range *range = table_from(table, span.start);

	for (; range < table_end(table) && range->start < span.end; range++) {
		uint64_t first = __atomic_load_n(&range->start, __ATOMIC_RELAXED);
		uint64_t last = __atomic_load_n(&range->end, __ATOMIC_RELAXED);

		while (span.start <= first && span.end > first
		       && !__atomic_compare_exchange_n(&range->start, &first, span.end, false,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
		while (span.end >= last && span.start < last
		       && !__atomic_compare_exchange_n(&range->end, &last, span.start, false,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			;
	}
}
