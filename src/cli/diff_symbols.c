/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec diff`: the symbols of a dump, by address, and the bytes in which each differs.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/diff.h"
#include "elf/lookup.h"

struct sized_symbol {
	struct diff_symbol symbol;
	uint64_t size;
};

struct diff_symbols {
	Elf *elf; /* has the names */
	struct sized_symbol *list;
	size_t count, room;
};

static void add_sized_symbol(void *context, const GElf_Sym *symbol, const char *name)
{
	struct diff_symbols *symbols = context;
	int type = GELF_ST_TYPE(symbol->st_info);

	if (!symbol->st_size || (type != STT_OBJECT && type != STT_FUNC))
		return;
	xgrow(symbols->list, symbols->count, symbols->room);
	symbols->list[symbols->count++] = (struct sized_symbol){
		{ .name = (char *)name, .address = symbol->st_value }, symbol->st_size,
	};
}

static int by_address(const void *a, const void *b)
{
	const struct sized_symbol *x = a, *y = b;

	return x->symbol.address < y->symbol.address ? -1 : x->symbol.address > y->symbol.address;
}

struct diff_symbols *diff_symbols_read(int fd)
{
	struct diff_symbols *symbols = xcalloc(1, sizeof(*symbols));

	elf_version(EV_CURRENT);
	symbols->elf = elf_begin(fd, ELF_C_READ, NULL);
	elf_visit_symbols(symbols->elf, add_sized_symbol, symbols);
	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), by_address);
	return symbols;
}

/* The number of symbols that begin at or before the address. */
static size_t symbols_before(const struct diff_symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->list[middle].symbol.address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void diff_symbols_count(struct diff_symbols *symbols, uint64_t address, uint64_t bytes)
{
	size_t i = symbols_before(symbols, address);
	const uint64_t end = address + bytes;

	if (i)
		i--;
	for (; i < symbols->count && symbols->list[i].symbol.address < end; i++) {
		struct sized_symbol *at = &symbols->list[i];
		uint64_t last = at->symbol.address + at->size;
		uint64_t from = at->symbol.address > address ? at->symbol.address : address;

		last = last < end ? last : end;
		if (last > from)
			at->symbol.bytes += last - from;
	}
}

static int by_bytes(const void *a, const void *b)
{
	const struct diff_symbol *x = a, *y = b;

	return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

void diff_symbols_take(struct diff_symbols *symbols, struct diff_region *region)
{
	size_t room = 0;

	for (size_t i = 0; region->bytes && i < symbols->count; i++) {
		struct diff_symbol *symbol = &symbols->list[i].symbol;

		if (!symbol->bytes)
			continue;
		xgrow(region->symbols, region->symbol_count, room);
		region->symbols[region->symbol_count] = *symbol;
		region->symbols[region->symbol_count++].name = xasprintf("%s", symbol->name);
		symbol->bytes = 0;
	}
	if (region->symbol_count)
		qsort(region->symbols, region->symbol_count, sizeof(*region->symbols), by_bytes);
}

void diff_symbols_free(struct diff_symbols *symbols)
{
	elf_end(symbols->elf);
	free(symbols->list);
	free(symbols);
}
