/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions that the files of all kinds share. README has the steps to a new kind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "descriptors/descriptors.h"

static int compare_descriptors(const void *a, const void *b)
{
	return ((const struct descriptor *)a)->number - ((const struct descriptor *)b)->number;
}

void descriptors_sort(struct descriptors *all)
{
	if (all->count)
		qsort(all->list, all->count, sizeof(*all->list), compare_descriptors);
}

struct descriptor *descriptors_find(const struct descriptors *all, int number)
{
	const struct descriptor key = { .number = number };

	if (!all->count)
		return NULL;
	return bsearch(&key, all->list, all->count, sizeof(key), compare_descriptors);
}

bool descriptor_is_starters(const struct descriptor *descriptor)
{
	return descriptor->number <= 2 || descriptor->inherited;
}

struct plan_file descriptor_plan(const struct descriptor *descriptor, uint32_t kind)
{
	return (struct plan_file){ .kind = kind,
				   .number = descriptor->number,
				   .flags = descriptor->flags,
				   .offset = PLAN_NO_OFFSET };
}

void descriptor_warn(const struct descriptors *all, const struct descriptor *descriptor,
		     const char *what)
{
	report_warning(all->process->report, DESCRIPTOR, "descriptor %d (%s): %s",
		       descriptor->number, descriptor->target, what);
}

void descriptor_describe(struct descriptor *descriptor, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	free(descriptor->description);
	if (vasprintf(&descriptor->description, format, arguments) < 0)
		descriptor->description = xstrdup("a descriptor that cannot be described");
	va_end(arguments);
}

void messages_add(struct messages *messages, const void *bytes, size_t length)
{
	messages_add_flagged(messages, bytes, length, 0);
}

void messages_add_flagged(struct messages *messages, const void *bytes, size_t length,
			  uint32_t flag)
{
	uint32_t size = (uint32_t)length | flag;

	while (messages->length + sizeof(size) + length > messages->room)
		messages->bytes = xgrow_bytes(messages->bytes, messages->room,
					      &messages->room, 1);
	memcpy(messages->bytes + messages->length, &size, sizeof(size));
	memcpy(messages->bytes + messages->length + sizeof(size), bytes, length);
	messages->length += sizeof(size) + length;
}
