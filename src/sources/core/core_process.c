/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds parts of a core's memory: the stack, the vDSO and the kernel's data next to it, the
 * heap; and the values for PR_SET_MM_MAP. The auxiliary vector leads to most of them.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch_machine.h"
#include "sources/core/core.h"
#include "base/bytes.h"
#include "base/xalloc.h"
#include "elf/lookup.h"

/* The default limit of a stack (_STK_LIM). */
#define STACK_LIMIT (UINT64_C(8) << 20)

/* The vDSO and the kernel's data below it are a few pages each. Larger mappings are something
 * else. */
#define VVAR_MAX (UINT64_C(1) << 16)
#define VDSO_MAX (UINT64_C(1) << 16)

/* The largest distance of brk from the program's end (arch_randomize_brk: 32 MB, 1 GB since
 * 6.9). */
#define BRK_REACH (UINT64_C(1) << 30)

static bool read_word(struct core *core, uint64_t address, uint64_t *ret_word)
{
	return !core->capture.read(&core->capture, address, ret_word, sizeof(*ret_word));
}

/* ---- The vDSO -------------------------------------------------------------------------- */

static bool is_zero_range(struct core *core, struct range range)
{
	unsigned char *bytes = xcalloc(1, range_length(range));
	uint64_t length = range_length(range);
	bool zero = !core->capture.read(&core->capture, range.start, bytes, length)
		    && bytes_are_zero(bytes, length);

	free(bytes);
	return zero;
}

/* [vvar] and the like have a segment, but the kernel cannot read them. */
static bool is_kernels_data(struct core *core, const struct core_piece *piece)
{
	return piece->file == CORE_NO_FILE && !(piece->prot & ~(uint32_t)PROT_READ)
	       && range_length(piece->range) <= VVAR_MAX && is_zero_range(core, piece->range);
}

static int find_vdso(struct core *core)
{
	struct plan_vdso *vdso = &core->capture.image->vdso;
	uint64_t address = core_auxv(&core->notes, AT_SYSINFO_EHDR);
	struct core_piece *code = address ? core_find_piece(core, address) : NULL, *at;
	int parts = 1, i = 0;

	if (!address)
		return 0;
	if (!code || code->range.start != address || !code->saved_length
	    || range_length(code->range) > VDSO_MAX) {
		report_error(core->report, CORE, "the core lacks the vDSO (at %#lx)",
			     (unsigned long)address);
		return -1;
	}
	code->name = region_origin_name(ORIGIN_VDSO);
	for (at = code; at > core->pieces && parts < PLAN_VDSO_PARTS
			&& at[-1].range.end == at->range.start
			&& is_kernels_data(core, at - 1); at--, parts++)
		at[-1].kernels_own = true;
	if (at == code)
		return 0; /* gdb's cores lack it: no other vDSO can replace this one */
	*vdso = (struct plan_vdso){ .address = address, .start = at->range.start };
	for (; at <= code; at++)
		vdso->length[i++] = range_length(at->range);
	return 0;
}

/* ---- The stack ------------------------------------------------------------------------- */

#define STACK_TOP_WORDS 2048 /* the kernel leaves up to 8 KB free below its strings */

static size_t vector_size(const struct core_notes *notes)
{
	size_t i = 0;

	while (i < notes->auxv_count && notes->auxv[2 * i] != AT_NULL)
		i++;
	return i * 2 * sizeof(uint64_t);
}

/* Walks down from the auxiliary vector to argc (argc, argv, NULL, envp, NULL, auxv). A program
 * may have cleared entries of argv (to rename itself); argc is the word that is equal to the
 * number of words above it. */
static uint64_t find_argc(struct core *core, uint64_t auxv, uint64_t floor)
{
	uint64_t at = auxv - 2 * sizeof(uint64_t), word = 1;

	while (at > floor && read_word(core, at, &word) && word)
		at -= sizeof(uint64_t);
	for (uint64_t count = 0; at - sizeof(uint64_t) > floor; count++) {
		at -= sizeof(uint64_t);
		if (!read_word(core, at, &word))
			return 0;
		if (word == count && count)
			return at;
	}
	return 0;
}

/* Returns the address of argc. The random bytes lie above the auxiliary vector, close to it. */
static uint64_t find_stack_start(struct core *core, const struct core_piece *stack)
{
	const struct core_notes *notes = &core->notes;
	uint64_t top = core_auxv(notes, AT_RANDOM) & ~UINT64_C(7);
	size_t size = vector_size(notes), count = STACK_TOP_WORDS;
	unsigned char *bytes;
	uint64_t start, found = 0;

	if (top - stack->range.start < count * sizeof(uint64_t))
		count = (top - stack->range.start) / sizeof(uint64_t);
	start = top - count * sizeof(uint64_t);
	bytes = xcalloc(count, sizeof(uint64_t));
	if (!core->capture.read(&core->capture, start, bytes, count * sizeof(uint64_t)))
		for (size_t at = count * sizeof(uint64_t); at >= size && !found && size;
		     at -= sizeof(uint64_t))
			if (!memcmp(bytes + at - size, notes->auxv, size))
				found = start + at - size;
	free(bytes);
	return found ? find_argc(core, found, stack->range.start) : 0;
}

static int find_stack(struct core *core)
{
	struct image *image = core->capture.image;
	struct core_piece *stack = core_find_piece(core, core_auxv(&core->notes, AT_RANDOM));

	if (!stack || !(stack->prot & PROT_WRITE) || stack->file != CORE_NO_FILE) {
		report_error(core->report, CORE, "the core lacks the stack");
		return -1;
	}
	if (!stack->saved_length) {
		report_error(core->report, CORE,
			     "the core lacks the content of private memory, even the stack's "
			     "(see coredump_filter in core(5))");
		return -1;
	}
	stack->stack = true;
	stack->name = region_origin_name(ORIGIN_STACK);
	image->stack_limit = range_length(stack->range);
	if (image->stack_limit < STACK_LIMIT)
		image->stack_limit = STACK_LIMIT;
	image->mm.start_stack = find_stack_start(core, stack);
	return 0;
}

/* ---- The program ----------------------------------------------------------------------- */

#define HEADERS_MAX 128

static void note_segment(struct plan_mm *mm, const ARCH_ELF(Phdr) *header, uint64_t bias)
{
	uint64_t start = header->p_vaddr + bias, end = start + header->p_filesz;
	uint64_t all = start + header->p_memsz;

	/* These are the rules of load_elf_binary() (fs/binfmt_elf.c). */
	if (header->p_flags & PF_X && (!mm->start_code || start < mm->start_code))
		mm->start_code = start;
	if (header->p_flags & PF_X && end > mm->end_code)
		mm->end_code = end;
	if (start > mm->start_data)
		mm->start_data = start;
	if (end > mm->end_data)
		mm->end_data = end;
	if (all > mm->brk)
		mm->brk = all;
}

/* The program headers are in the first segment. Its address in memory and its address in the
 * file give the bias. */
static void find_program_headers(struct core *core)
{
	uint64_t at = core_auxv(&core->notes, AT_PHDR), bias = 0, start;
	uint64_t count = core_auxv(&core->notes, AT_PHNUM);
	const struct core_piece *piece = core_find_piece(core, at);
	struct plan_mm *mm = &core->capture.image->mm;
	ARCH_ELF(Phdr) headers[HEADERS_MAX];
	bool first = true;

	if (!piece || count > HEADERS_MAX
	    || core->capture.read(&core->capture, at, headers, count * sizeof(*headers)))
		return;
	start = piece->range.start - piece->file_offset;
	for (uint64_t i = 0; i < count; i++) {
		if (headers[i].p_type != PT_LOAD)
			continue;
		if (first)
			bias = start - (headers[i].p_vaddr - headers[i].p_offset);
		first = false;
		note_segment(mm, &headers[i], bias);
	}
	mm->brk = align_up(mm->brk, core->capture.image->page_size);
	mm->start_brk = mm->brk;
}

int core_find_places(struct core *core)
{
	if (find_vdso(core) || find_stack(core))
		return -1;
	find_program_headers(core);
	return 0;
}

/* ---- The heap -------------------------------------------------------------------------- */

static bool may_be_heap(const struct region *region)
{
	return !region->name[0] && region->prot & PROT_WRITE
	       && !(region->flags & REGION_SHARED);
}

/* Returns the first possible heap after the program. */
static struct region *guess_heap(struct image *image)
{
	for (size_t i = 0; i < image->region_count; i++) {
		struct region *region = &image->regions[i];

		if (region->range.start >= image->mm.brk
		    && region->range.start - image->mm.brk <= BRK_REACH)
			return may_be_heap(region) ? region : NULL;
	}
	return NULL;
}

/* Returns libc's current brk; 0: libc has not called brk, or lacks that variable. */
static uint64_t read_current_brk(struct core *core)
{
	uint64_t address = 0, brk = 0;
	const struct elf_variable wanted[] = { { "__curbrk", &address }, { NULL, NULL } };

	elf_find_variables(&core->capture, wanted);
	return address && read_word(core, address, &brk) ? brk : 0;
}

void core_find_heap(struct core *core)
{
	struct image *image = core->capture.image;
	struct plan_mm *mm = &image->mm;
	uint64_t brk = read_current_brk(core), program_end = mm->brk;
	struct region *heap = brk ? (struct region *)image_find(image, brk - 1)
				  : guess_heap(image);
	bool exact = heap && brk && may_be_heap(heap)
		     && align_up(brk, image->page_size) == heap->range.end;

	if (brk && !exact)
		heap = guess_heap(image);
	if (!heap) {
		if (brk > mm->brk && brk - mm->brk <= BRK_REACH)
			mm->start_brk = mm->brk = brk; /* called, but no heap */
		return;
	}
	mm->brk = exact ? brk : heap->range.end;
	region_set_name(heap, region_origin_name(ORIGIN_HEAP));
	while (heap > image->regions && heap[-1].range.end == heap->range.start
	       && heap[-1].range.start >= program_end && may_be_heap(heap - 1)) {
		heap--;
		region_set_name(heap, region_origin_name(ORIGIN_HEAP));
	}
	mm->start_brk = heap->range.start;
	/* Without randomisation the heap begins at the program's end. The heap of a static PIE
	 * is far below the program. */
	if (program_end > heap->range.start && program_end < mm->brk)
		mm->start_brk = program_end;
	if (!exact)
		report_add(core->report, UNEXEC_NOTE, UNEXEC_CODE_CORE, 0, mm->start_brk,
			   mm->brk, "a core does not record brk; it is assumed to be %#lx, "
			   "the end of the memory after the program", (unsigned long)mm->brk);
}
