/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the IDs of the process and its threads a part of the dump: see src/restarter/identity.c.
 */
#include "analysis/analysis.h"

void analysis_keep_ids(struct image *image)
{
	image->settings.process_id = image->process_id;
	for (size_t i = 1; i < image->thread_count && image->thread_tids; i++)
		image->threads[i].tid = image->thread_tids[i];
}
