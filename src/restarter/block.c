/* SPDX-License-Identifier: MIT
 *
 * The block that the kernel passes to a new process: argc, argv, envp, auxv and, above them,
 * the strings. The restarter copies it to separate memory, since the kernel may have put the
 * new stack where the old one belongs.
 */
#include <linux/auxvec.h>

#include "block.h"

struct auxv_entry {
	uint64_t type, value;
};

static uint64_t after_string(uint64_t address)
{
	return address + string_length((const char *)address) + 1;
}

/* The extent of the strings of `count` pointers at `array`. The kernel stores them one after
 * the other (fs/exec.c, copy_strings). Without pointers: `fallback`. */
static void strings_extent(uint64_t array, uint64_t count, uint64_t fallback,
			   uint64_t *ret_start, uint64_t *ret_end)
{
	const uint64_t *pointers = (const uint64_t *)array;

	*ret_start = count ? pointers[0] : fallback;
	*ret_end = count ? after_string(pointers[count - 1]) : fallback;
}

uint64_t *block_auxv(const struct block *block, uint64_t type)
{
	for (struct auxv_entry *entry = (void *)block->auxv; entry->type != AT_NULL; entry++)
		if (entry->type == type)
			return &entry->value;
	return NULL;
}

/* The part after "NAME=". NULL: another variable. */
static const char *variable_value(const char *string, const char *name)
{
	while (*name && *string == *name) {
		string++;
		name++;
	}
	return !*name && *string == '=' ? string + 1 : NULL;
}

const char *block_variable(const struct block *block, const char *name)
{
	const uint64_t *secure = block_auxv(block, AT_SECURE);
	const char *value = NULL;

	if (!secure || *secure)
		return NULL;
	for (const uint64_t *word = (const uint64_t *)block->envp; *word && !value; word++)
		value = variable_value((const char *)*word, name);
	return value;
}

void block_read(struct block *block, uint64_t stack)
{
	const uint64_t *word = (const uint64_t *)stack;
	const uint64_t *execfn;
	uint64_t envc = 0;

	block->start = stack;
	block->argc = *word++;
	block->argv = (uint64_t)word;
	word += block->argc + 1;
	block->envp = (uint64_t)word;
	while (*word++)
		envc++;
	block->auxv = (uint64_t)word;
	while (*word != AT_NULL)
		word += 2;
	block->auxv_size = (uint64_t)(word + 2) - block->auxv;

	/* The last string is the file's name; eight zero bytes after it end the stack
	 * (fs/exec.c, since 2.6.27). */
	execfn = block_auxv(block, AT_EXECFN);
	if (!execfn)
		fail("find the end of the kernel's stack", NULL, 0);
	block->end = after_string(*execfn) + 8;
	strings_extent(block->argv, block->argc, *execfn, &block->arg_start, &block->arg_end);
	strings_extent(block->envp, envc, *execfn, &block->env_start, &block->env_end);
}

/* Adjusts a pointer into the old block. */
static void adjust_pointer(uint64_t *pointer, const struct block *old, uint64_t address)
{
	if (*pointer >= old->start && *pointer < old->end)
		*pointer = *pointer - old->start + address;
}

void block_copy(struct block *block, uint64_t address)
{
	const struct block old = *block;
	uint64_t *words;

	memcpy((void *)address, (const void *)old.start, old.end - old.start);
	block->start = address;
	block->end = address + (old.end - old.start);
	/* Some of these point to the end of the block, where adjust_pointer() does nothing. */
	block->argv = old.argv - old.start + address;
	block->envp = old.envp - old.start + address;
	block->auxv = old.auxv - old.start + address;
	block->arg_start = old.arg_start - old.start + address;
	block->arg_end = old.arg_end - old.start + address;
	block->env_start = old.env_start - old.start + address;
	block->env_end = old.env_end - old.start + address;

	for (words = (uint64_t *)block->argv; (uint64_t)words < block->auxv; words++)
		adjust_pointer(words, &old, address);
	for (; *words != AT_NULL; words += 2)
		adjust_pointer(words + 1, &old, address);
}
