/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of bytes.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool bytes_are_zero(const void *bytes, size_t length)
{
	const char *first = bytes;

	return !length || (!first[0] && !memcmp(first, first + 1, length - 1));
}

#endif
