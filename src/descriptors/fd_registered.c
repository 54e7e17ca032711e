/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restores registrations with an io_uring: fdinfo lists buffers by address, and files by name.
 * A name is taken to mean the one open file of the process that has it.
 */
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "descriptors/descriptors.h"
#include "descriptors/fdinfo.h"
#include "base/xalloc.h"

/* A list of `count` entries, of which some may be missing: each line has its index. */
struct list {
	char *line;
	size_t count, index; /* index: of the last entry that was read */
};

static struct list find_list(char *info, const char *title)
{
	return (struct list){ .line = ring_info_list(info, title),
			      .count = fdinfo_number(info, title, 'd', 0) };
}

/* The text after the index in the next line; NULL at the end. */
static char *next_entry(struct list *list)
{
	char *entry, *rest = list->line;

	if (!rest || *rest != ' ')
		return NULL;
	list->line = strchr(rest, '\n');
	if (list->line)
		*list->line++ = 0;
	list->index = strtoul(rest, &entry, 10);
	if (list->index >= list->count || strncmp(entry, ": ", 2))
		return NULL;
	return entry + 2;
}

static void add_registered(struct descriptors *all, const struct descriptor *ring,
			   unsigned opcode, uint64_t count, const void *data, size_t length)
{
	struct plan_file plan = descriptor_plan(ring, PLAN_FD_REGISTER);

	plan.registered.opcode = opcode;
	plan.registered.count = count;
	plan.length = (uint32_t)length;
	if (count)
		image_add_file(all->process->capture.image, &plan, NULL, data);
}

static void add_registered_buffers(struct descriptors *all, const struct descriptor *ring,
				   struct list list)
{
	struct iovec *buffers = xcalloc(list.count + 1, sizeof(*buffers));
	unsigned long long start, length;
	char *entry;

	while ((entry = next_entry(&list)))
		if (sscanf(entry, "0x%llx/%llu", &start, &length) == 2)
			buffers[list.index] = (struct iovec){ (void *)(uintptr_t)start, length };
	add_registered(all, ring, IORING_REGISTER_BUFFERS, list.count, buffers,
		       list.count * sizeof(*buffers));
	free(buffers);
}

/* The kernel escapes blanks and backslashes in a name as "\040" (seq_file_path). */
static void unescape_path(char *name)
{
	char *to = name;

	for (; *name; name++, to++) {
		if (*name == '\\' && strspn(name + 1, "01234567") >= 3) {
			*to = (char)((name[1] - '0') << 6 | (name[2] - '0') << 3
				     | (name[3] - '0'));
			name += 3;
		} else {
			*to = *name;
		}
	}
	*to = 0;
}

/* NULL if no open file has the name, or several do: nothing shows which it is. */
static const struct descriptor *find_open_file(const struct descriptors *all, const char *name)
{
	const struct descriptor *found = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct descriptor *descriptor = &all->list[i];

		if (strcmp(descriptor->target, name) || descriptor->absent
		    || (found && descriptor->same == found->same))
			continue;
		if (found)
			return NULL;
		found = descriptor;
	}
	return found;
}

static int32_t registered_number(struct descriptors *all, const struct descriptor *ring,
				 char *name)
{
	const struct descriptor *found;

	if (!strcmp(name, "<none>"))
		return -1;
	unescape_path(name);
	found = find_open_file(all, name);
	if (!found)
		report_error(all->process->report, IO_URING,
			     "descriptor %d is an io_uring with a registered file (%s) that "
			     "does not match exactly one open file of the process", ring->number,
			     name);
	else if (strncmp(name, "socket:", 7)) /* which cannot be opened twice */
		report_note(all->process->report, IO_URING,
			    "descriptor %d, an io_uring: its registered file %s is descriptor %d in "
			    "the dump", ring->number, name, found->number);
	return found ? found->number : -1;
}

static void add_registered_files(struct descriptors *all, const struct descriptor *ring,
				 struct list list)
{
	int32_t *numbers = xcalloc(list.count + 1, sizeof(*numbers));
	char *entry;

	memset(numbers, -1, list.count * sizeof(*numbers));
	while ((entry = next_entry(&list)))
		numbers[list.index] = registered_number(all, ring, entry);
	add_registered(all, ring, IORING_REGISTER_FILES, list.count, numbers,
		       list.count * sizeof(*numbers));
	free(numbers);
}

static void add_ring_registrations(struct descriptors *all, const struct descriptor *ring)
{
	char *info = ring_info(all, ring);
	struct list files = find_list(info, "UserFiles"), buffers = find_list(info, "UserBufs");

	add_registered_files(all, ring, files);
	add_registered_buffers(all, ring, buffers);
	free(info);
}

void descriptors_add_registered(struct descriptors *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct descriptor *ring = &all->list[i];

		if (ring->number > 2 && !ring->absent && ring->same == ring
		    && !strcmp(ring->target, "anon_inode:[io_uring]"))
			add_ring_registrations(all, ring);
	}
}
