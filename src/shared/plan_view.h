/* SPDX-License-Identifier: MIT
 *
 * Reads the tables of a plan in memory. Freestanding.
 */
#ifndef SHARED_PLAN_VIEW_H
#define SHARED_PLAN_VIEW_H

#include "plan.h"

/* The first entry of a table. */
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

#endif
