/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A large memory with known content: subject FILE MEGABYTES. The dump checks all of it, or with
 * the argument "quick" a word in each megabyte, and prints "whole" and the number of megabytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unexec.h>

static uint64_t word(size_t index)
{
	return (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

int main(int argc, char **argv)
{
	size_t words, step;
	uint64_t *memory;
	int status;

	if (argc < 3)
		return 2;
	words = strtoul(argv[2], NULL, 10) << 17;
	memory = malloc(words * sizeof(*memory));
	if (!memory)
		return 77;
	for (size_t i = 0; i < words; i++)
		memory[i] = word(i);
	status = unexec_dump(argv[1], NULL, NULL);
	if (status <= 0)
		return status ? 1 : 0;
	unexec_arguments(&argc, &argv, NULL);
	step = argc > 1 && !strcmp(argv[1], "quick") ? 1 << 17 : 1;
	for (size_t i = 0; i < words; i += step)
		if (memory[i] != word(i))
			return 1;
	printf("whole %zu\n", words >> 17);
	return 0;
}
