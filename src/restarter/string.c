/* SPDX-License-Identifier: MIT
 *
 * The restarter's string functions. -ffreestanding prevents the compiler from turning these
 * loops into calls of the same functions.
 */
#include "arch_memory.h"
#include "base.h"

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	return arch_copy(to, from, length);
}

void *memset(void *to, int byte, size_t length)
{
	return arch_fill(to, byte, length);
}

int memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < length; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t string_length(const char *string)
{
	size_t length = 0;

	while (string[length])
		length++;
	return length;
}

int string_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}
