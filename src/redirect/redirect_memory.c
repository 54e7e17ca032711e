/* SPDX-License-Identifier: MIT
 *
 * Turns memory that is lazily mapped from the dump's file into anonymous memory.
 */
#include "redirect.h"

static bool is_all_zero(uint64_t page)
{
	const uint64_t *words = (const uint64_t *)page;
	uint64_t all = 0;

	for (uint64_t i = 0; i < PAGE / sizeof(*words) && !all; i += 8)
		for (uint64_t j = i; j < i + 8; j++)
			all |= words[j];
	return !all;
}

void memory_copy(uint64_t to, uint64_t from, uint64_t length)
{
	for (uint64_t at = 0; at < length; at += PAGE)
		if (!is_all_zero(from + at))
			arch_copy_page(to + at, from + at);
}

/* A new mapping has only its protection; this adds its other flags. */
static void apply_advice(const struct redirect_range *range, struct span span)
{
	for (int i = 0; i < REDIRECT_ADVICE; i++)
		if (range->advice[i])
			sys(__NR_madvise, span.start, span.end - span.start, range->advice[i]);
}

void memory_advise_as(const struct redirect_table *table, uint64_t from, struct span span)
{
	const struct redirect_range *range = table_from(table, from);

	if (range < table_end(table) && range->start <= from)
		apply_advice(range, span);
}

static long replace_by_zeros(struct span span, uint32_t prot)
{
	long got = sys(__NR_mmap, span.start, span.end - span.start, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return sys_failed(got) ? got : 0;
}

/* The old memory stays readable until the new memory replaces it in one step. */
static long replace_by_copy(struct span span, uint32_t prot)
{
	uint64_t length = span.end - span.start;
	long made = sys(__NR_mmap, 0, length, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long failed;

	if (sys_failed(made))
		return made;
	if (!(prot & PROT_READ))
		sys(__NR_mprotect, span.start, length, prot | PROT_READ);
	memory_copy((uint64_t)made, span.start, length);
	failed = sys(__NR_mprotect, made, length, prot);
	if (!failed)
		failed = sys(__NR_mremap, made, length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
			     span.start);
	if (!sys_failed(failed))
		return 0;
	sys(__NR_munmap, made, length);
	if (!(prot & PROT_READ))
		sys(__NR_mprotect, span.start, length, prot);
	return failed;
}

/* Replaces the parts of the span that lie in one mapping. */
static long replace_in(const struct redirect_table *table, const struct mapping *mapping,
		       struct span span, enum content content)
{
	struct redirect_range *range = table_from(table, span.start);
	long failed = 0;

	span = span_meet(span, mapping->span);
	for (; range < table_end(table) && range->start < span.end && !failed; range++) {
		struct span part = span_meet(span, (struct span){ range->start, range->end });

		if (range->kind != REDIRECT_ANONYMOUS || span_is_empty(part))
			continue;
		failed = content == CONTENT_ZERO ? replace_by_zeros(part, mapping->prot)
						 : replace_by_copy(part, mapping->prot);
		if (!failed)
			apply_advice(range, part);
	}
	return failed;
}

long memory_make_anonymous(const struct redirect_table *table, struct span span,
			   enum content content)
{
	struct mapping own, mapping;
	struct maps_reader maps;
	long failed = 0;

	if (!mappings_find_own(&own) || !mappings_open(&maps))
		return -EFAULT;
	while (!failed && mappings_next(&maps, &mapping) && mapping.span.start < span.end)
		if (mapping.span.end > span.start && mapping_is_of(&mapping, &own))
			failed = replace_in(table, &mapping, span, content);
	mappings_close(&maps);
	if (!failed)
		table_forget(table, span);
	return failed;
}

/* ---- Without /proc ------------------------------------------------------------------------ */

/* The kernel refuses to map private memory a second time (mremap(2), old_size 0, since
 * 4.14). */
static bool is_shared_page(uint64_t page)
{
	long second = sys(__NR_mremap, page, 0, PAGE, MREMAP_MAYMOVE);

	if (sys_failed(second))
		return false;
	sys(__NR_munmap, second, PAGE);
	return true;
}

/* The kernel refuses to free a file's memory lazily. */
static bool is_file_page(uint64_t page)
{
	return sys(__NR_madvise, page, PAGE, MADV_FREE) == -EINVAL && !is_shared_page(page);
}

/* Returns false if the page is not writable, which getrandom() finds out. */
static bool clear_page(uint64_t page)
{
	if (sys(__NR_getrandom, page, 1, 0) != 1)
		return false;
	for (volatile uint64_t *word = (uint64_t *)page; word < (uint64_t *)(page + PAGE); word++)
		*word = 0;
	return true;
}

long memory_clear(const struct redirect_table *table, struct span span)
{
	bool all = true;

	for (uint64_t page = span.start; page < span.end; page += PAGE)
		if (table_touches(table, (struct span){ page, page + PAGE }, false)
		    && is_file_page(page))
			all = clear_page(page) && all;
	return all ? 0 : -EAGAIN;
}
