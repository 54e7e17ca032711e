/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parses /proc/PID/smaps (Documentation/filesystems/proc.rst of the kernel, 6.x). Ignores
 * unknown fields and flags, since new releases add some. Truncated input is an error: a missed
 * mapping or flag would make a wrong dump.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "base/xalloc.h"
#include "process/smaps.h"

/* Flags that an image preserves, by their two letters. */
static const struct {
	char letters[3];
	uint32_t flag;
} region_flag_names[] = {
	{ "gd", REGION_GROWSDOWN }, { "nr", REGION_NORESERVE }, { "dd", REGION_DONTDUMP },
	{ "dc", REGION_DONTFORK }, { "wf", REGION_WIPEONFORK }, { "hg", REGION_HUGEPAGE },
	{ "nh", REGION_NOHUGEPAGE }, { "mg", REGION_MERGEABLE }, { "lo", REGION_LOCKED },
	{ "lf", REGION_LOCKONFAULT }, { "sr", REGION_SEQUENTIAL }, { "rr", REGION_RANDOM },
	{ "sl", REGION_SEALED },
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

/* Reads a line without its newline into reader->line: 1, 0 at the end, -1 with errno. The
 * kernel ends each line with a newline; a line without one is truncated. */
static int next_smaps_line(struct smaps_reader *reader)
{
	ssize_t length = getline(&reader->line, &reader->room, reader->stream);

	reader->have_line = false;
	if (length <= 0) /* if memory is short, ferror() is not set */
		return feof(reader->stream) && !ferror(reader->stream) ? 0 : -1;
	reader->line_number++;
	if (reader->line[length - 1] != '\n') {
		errno = EBADMSG;
		return -1;
	}
	reader->line[length - 1] = 0;
	reader->have_line = true;
	return 1;
}

/* The kernel escapes only newlines in paths, as \012 (fs/proc/task_mmu.c, seq_path with
 * "\n"). */
static void unescape_name(char *name)
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

/* Parses digits followed by the character `end`; strtoul alone accepts signs and blanks too. */
static bool take_number(const char **at, int base, char end, uint64_t *ret)
{
	char *after;

	if (!isxdigit((unsigned char)**at))
		return false;
	errno = 0;
	*ret = strtoul(*at, &after, base);
	*at = after + 1;
	return !errno && *after == end;
}

/* "rwxp ", "---s " */
static bool take_permissions(const char **at, struct smaps_entry *entry)
{
	static const struct {
		char letter;
		uint32_t prot;
	} kinds[] = { { 'r', PROT_READ }, { 'w', PROT_WRITE }, { 'x', PROT_EXEC } };

	for (int i = 0; i < 3; i++, (*at)++) {
		if (**at == kinds[i].letter)
			entry->prot |= kinds[i].prot;
		else if (**at != '-')
			return false;
	}
	entry->shared = **at == 's';
	if (!entry->shared && **at != 'p')
		return false;
	*at += 2;
	return (*at)[-1] == ' ';
}

/* "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME" */
static bool parse_head(struct smaps_reader *reader, struct smaps_entry *entry)
{
	const char *at = reader->line;
	uint64_t major_number, minor_number;

	*entry = (struct smaps_entry){ .name = NULL };
	if (!take_number(&at, 16, '-', &entry->range.start)
	    || !take_number(&at, 16, ' ', &entry->range.end)
	    || entry->range.start >= entry->range.end || !take_permissions(&at, entry)
	    || !take_number(&at, 16, ' ', &entry->offset)
	    || !take_number(&at, 16, ':', &major_number)
	    || !take_number(&at, 16, ' ', &minor_number)
	    || !take_number(&at, 10, ' ', &entry->inode))
		return false;
	entry->device_number = makedev((unsigned)major_number, (unsigned)minor_number);
	entry->whole = entry->range;
	free(reader->name);
	reader->name = xstrdup(at + strspn(at, " "));
	unescape_name(reader->name);
	entry->name = reader->name;
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
}

/* "Rss:   12 kB". Huge pages are not in Rss (fs/proc/task_mmu.c, smaps_hugetlb_range). */
static void parse_number(const char *line, struct smaps_entry *entry)
{
	static const char *const resident[] = { "Rss:", "Swap:", "Shared_Hugetlb:",
						"Private_Hugetlb:" };
	size_t name = strcspn(line, ":") + 1;
	uint64_t number = strtoul(line[name - 1] ? line + name : "", NULL, 10);

	for (size_t i = 0; i < sizeof(resident) / sizeof(*resident); i++)
		if (!strncmp(line, resident[i], name))
			entry->resident += number << 10;
	if (!strncmp(line, "Swap:", name))
		entry->swapped = number << 10;
	if (!strncmp(line, "ProtectionKey:", name))
		entry->protection_key = (unsigned)number;
}

/* Is it "VmFlags: rd wr …", the last field of each entry (since 3.8)? */
static bool parse_field(char *line, struct smaps_entry *entry)
{
	char *save = NULL;

	if (strncmp(line, "VmFlags:", 8) != 0) {
		parse_number(line, entry);
		return false;
	}
	for (char *word = strtok_r(line + 8, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		parse_flag(word, entry);
	return true;
}

/* Entries start with an address, fields with a capital letter. */
static bool is_field(const char *line)
{
	return line[0] >= 'A' && line[0] <= 'Z';
}

int smaps_next(struct smaps_reader *reader, struct smaps_entry *ret)
{
	int more = reader->have_line ? 1 : next_smaps_line(reader);
	bool whole = false;

	if (more <= 0)
		return more;
	if (!parse_head(reader, ret)) {
		errno = EBADMSG;
		return -1;
	}
	while ((more = next_smaps_line(reader)) > 0 && is_field(reader->line))
		whole |= parse_field(reader->line, ret);
	if (more < 0)
		return -1;
	if (!whole) {
		errno = EBADMSG;
		return -1;
	}
	if (ret->shared)
		ret->flags |= REGION_SHARED;
	return 1;
}
