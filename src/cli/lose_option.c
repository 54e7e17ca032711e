/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --lose=NAMES
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/lose_option.h"

/* LOSE_NAMES has the order of the bits of enum unexec_lose. */
int lose_take(void *set, const char *argument, struct report *report)
{
	char *words = xstrdup(argument), *save = NULL;
	int failed = *argument ? 0 : -1;

	for (char *word = strtok_r(words, ",", &save); word && !failed;
	     word = strtok_r(NULL, ",", &save)) {
		int index = options_find(LOSE_NAMES, word);

		if (index < 0)
			failed = -1;
		else
			*(uint32_t *)set |= UINT32_C(1) << index;
	}
	free(words);
	if (failed)
		report_error(report, ARGUMENT, "NAMES are some of these, separated by commas: %s",
			     LOSE_NAMES);
	return failed;
}
