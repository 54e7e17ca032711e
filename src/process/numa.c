/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Warns of NUMA memory policies (set_mempolicy(2), mbind(2)). They are not preserved, since the
 * machine of the start may have other nodes, or none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "process/proc_files.h"
#include "process/regions.h"

/* numa_maps has a line "ADDRESS POLICY name=value …" for each mapping
 * (Documentation/filesystems/proc.rst of the kernel). A kernel without NUMA has no such
 * file. */
void process_warn_policies(struct process *process)
{
	FILE *stream = process_open(process->handoff.fds.original, "numa_maps");
	char policy[64], *line = NULL, *first = NULL;
	size_t room = 0, count = 0;

	while (stream && getline(&line, &room, stream) > 0) {
		if (sscanf(line, "%*x %63s", policy) != 1 || !strcmp(policy, "default"))
			continue;
		if (!count++)
			first = xstrdup(policy);
	}
	if (stream && ferror(stream))
		report_errno(process->report, NO_PROC, "cannot read numa_maps in /proc");
	if (count)
		report_warning(process->report, MEMORY_KIND, "the memory policy %s of %zu mapping%s "
			       "(set_mempolicy, mbind) is not in the dump", first, count,
			       count == 1 ? "" : "s");
	if (stream)
		fclose(stream);
	free(first);
	free(line);
}
