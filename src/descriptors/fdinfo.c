/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/fdinfo: what the kernel reports about a descriptor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "descriptors/fdinfo.h"
#include "process/proc_files.h"

char *fdinfo_read(struct process *process, int proc, int number)
{
	char name[32], *text = NULL;
	size_t length = 0, room = 0, got;
	FILE *stream;

	snprintf(name, sizeof(name), "fdinfo/%d", number);
	stream = process_open(proc, name);
	do {
		while (length + 1024 > room)
			text = xgrow_bytes(text, room, &room, 1);
		got = stream ? fread(text + length, 1, room - length - 1, stream) : 0;
		length += got;
	} while (got);
	text[length] = 0;
	/* In the original, another thread may have closed the descriptor. */
	if (stream ? !feof(stream) || ferror(stream) : errno != ENOENT)
		report_errno(process->report, NO_PROC, "cannot read fdinfo of descriptor %d",
			     number);
	if (stream)
		fclose(stream);
	return text;
}

uint64_t fdinfo_number(const char *info, const char *key, int conversion, uint64_t otherwise)
{
	size_t length = strlen(key);

	for (const char *line = info; line; line = strchr(line, '\n')) {
		char *end;
		uint64_t value;

		line += *line == '\n';
		if (strncmp(line, key, length) || line[length] != ':')
			continue;
		value = strtoull(line + length + 1, &end,
				 conversion == 'x' ? 16 : conversion == 'o' ? 8 : 10);
		return end == line + length + 1 ? otherwise : value;
	}
	return otherwise;
}
