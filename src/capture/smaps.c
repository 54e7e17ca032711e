/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parses /proc/PID/smaps (Documentation/filesystems/proc.rst of the kernel, 6.x). Unknown
 * fields and flags are passed over: each release adds some.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "smaps.h"

/* The flags that an image keeps; two letters each. */
static const struct {
	char letters[3];
	uint32_t flag;
} region_flag_names[] = {
	{ "gd", REGION_GROWSDOWN }, { "nr", REGION_NORESERVE }, { "dd", REGION_DONTDUMP },
	{ "dc", REGION_DONTFORK }, { "wf", REGION_WIPEONFORK }, { "hg", REGION_HUGEPAGE },
	{ "nh", REGION_NOHUGEPAGE }, { "mg", REGION_MERGEABLE },
};

void smaps_open(struct smaps_reader *reader, FILE *stream)
{
	*reader = (struct smaps_reader){ .stream = stream };
}

void smaps_close(struct smaps_reader *reader)
{
	fclose(reader->stream);
	free(reader->line);
	free(reader->name);
}

/* Reads a line without its newline into reader->line. */
static bool next_line(struct smaps_reader *reader)
{
	ssize_t length = getline(&reader->line, &reader->room, reader->stream);

	reader->have_line = length > 0;
	if (!reader->have_line)
		return false;
	reader->line_number++;
	if (reader->line[length - 1] == '\n')
		reader->line[length - 1] = 0;
	return true;
}

/* The kernel writes a newline in a path as \012, and nothing else differently
 * (fs/proc/task_mmu.c, seq_path with "\n"). */
static void unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from;) {
		if (!strncmp(from, "\\012", 4)) {
			*to++ = '\n';
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = 0;
}

/* "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME" */
static bool parse_head(struct smaps_reader *reader, struct smaps_entry *entry)
{
	unsigned long start, end, offset;
	char permissions[5];
	int used = 0;

	if (sscanf(reader->line, "%lx-%lx %4s %lx %*x:%*x %*u %n", &start, &end, permissions,
		   &offset, &used) != 4 || !used || start >= end || strlen(permissions) != 4)
		return false;
	free(reader->name);
	reader->name = strdup(reader->line + used);
	if (!reader->name)
		return false;
	unescape(reader->name);
	*entry = (struct smaps_entry){
		.range = { start, end },
		.prot = (permissions[0] == 'r' ? PROT_READ : 0u)
			| (permissions[1] == 'w' ? PROT_WRITE : 0u)
			| (permissions[2] == 'x' ? PROT_EXEC : 0u),
		.offset = offset,
		.name = reader->name,
		.shared = permissions[3] == 's',
	};
	return true;
}

static void parse_flag(const char *word, struct smaps_entry *entry)
{
	for (size_t i = 0; i < sizeof(region_flag_names) / sizeof(*region_flag_names); i++)
		if (!strcmp(word, region_flag_names[i].letters))
			entry->flags |= region_flag_names[i].flag;
	entry->writable_file |= !strcmp(word, "sh");
	entry->device |= !strcmp(word, "io") || !strcmp(word, "pf");
	entry->huge |= !strcmp(word, "ht");
	entry->shadow_stack |= !strcmp(word, "ss");
	entry->userfault |= !strcmp(word, "um") || !strcmp(word, "uw") || !strcmp(word, "ui");
	entry->droppable |= !strcmp(word, "dp");
	entry->locked |= !strcmp(word, "lo");
}

/* "Rss:   12 kB", "VmFlags: rd wr …" */
static void parse_field(char *line, struct smaps_entry *entry)
{
	char *save = NULL;
	unsigned long number;

	if (!strncmp(line, "VmFlags:", 8)) {
		for (char *word = strtok_r(line + 8, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			parse_flag(word, entry);
	} else if (sscanf(line, "Rss: %lu", &number) == 1
		   || sscanf(line, "Swap: %lu", &number) == 1) {
		entry->resident += (uint64_t)number << 10;
	} else if (sscanf(line, "ProtectionKey: %lu", &number) == 1) {
		entry->protection_key = (unsigned)number;
	}
}

/* Heads begin with an address, fields with a capital letter. */
static bool is_field(const char *line)
{
	return line[0] >= 'A' && line[0] <= 'Z';
}

int smaps_next(struct smaps_reader *reader, struct smaps_entry *ret)
{
	errno = 0;
	if (!reader->have_line && !next_line(reader))
		return ferror(reader->stream) ? -1 : 0;
	if (!parse_head(reader, ret)) {
		errno = EBADMSG;
		return -1;
	}
	while (next_line(reader) && is_field(reader->line))
		parse_field(reader->line, ret);
	if (ret->shared)
		ret->flags |= REGION_SHARED;
	return ferror(reader->stream) ? -1 : 1;
}
