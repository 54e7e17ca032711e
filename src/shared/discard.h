/* SPDX-License-Identifier: MIT
 *
 * What the code that stays in a dump (src/discard) is told by whoever writes the dump.
 */
#ifndef SHARED_DISCARD_H
#define SHARED_DISCARD_H

#include <stdint.h>

/* From the beginning of the code. */
#define DISCARD_TABLE 4096

#define DISCARD_RANGES 255

/* Memory that was anonymous in the process and is mapped from the dump's file; a page. */
struct discard_table {
	uint64_t count, pad;
	struct {
		uint64_t start, end;
	} ranges[DISCARD_RANGES];
};

#endif
