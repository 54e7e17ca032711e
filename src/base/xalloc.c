/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory for the unexec program, which cannot go on without it.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SMALLEST_ROOM 8

static void *checked(void *memory)
{
	if (!memory) {
		fputs("unexec: error: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *memory, size_t size)
{
	return checked(realloc(memory, size ? size : 1));
}

void *xmemdup(const void *bytes, size_t size)
{
	void *copy = xmalloc(size);

	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *xstrdup(const char *string)
{
	return checked(strdup(string));
}

char *xasprintf(const char *format, ...)
{
	va_list arguments;
	char *string;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	string = checked(length < 0 ? NULL : malloc((size_t)length + 1));
	va_start(arguments, format);
	vsnprintf(string, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return string;
}

size_t xgrow_room(size_t count)
{
	size_t room = SMALLEST_ROOM;

	if (!count)
		return 0;
	while (room < count)
		room *= 2;
	return room;
}

void *xgrow_bytes(void *array, size_t count, size_t *room, size_t item_size)
{
	size_t larger;

	if (count < *room)
		return array;
	if (count > SIZE_MAX / 4 / item_size)
		checked(NULL);
	larger = xgrow_room(count + 1);
	array = xrealloc(array, larger * item_size);
	*room = larger;
	return array;
}
