/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory for the unexec program. These functions never return NULL: without memory they print
 * "unexec: error: out of memory" and exit with status 1.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *memory, size_t size);
void *xmemdup(const void *bytes, size_t size);
char *xstrdup(const char *string);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room in `array`, which holds `count` items and has room for `room`, for one more:
 * xgrow(list->items, list->count, list->room); list->items[list->count++] = …; updates `array`
 * and `room`. Start with NULL, 0, 0. */
#define xgrow(array, count, room) \
	((array) = xgrow_bytes((array), (count), &(room), sizeof(*(array))))

/* Returns the room of an array that only xgrow has enlarged, for callers that do not store
 * it. */
size_t xgrow_room(size_t count);

void *xgrow_bytes(void *array, size_t count, size_t *room, size_t item_size);

#endif
