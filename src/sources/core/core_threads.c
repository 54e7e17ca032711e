/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The threads of a core. Their registers are there, and what they block; what libc had told
 * the kernel of each (the word that holds the TID, the list of robust mutexes, rseq) is found
 * where libc itself keeps it: in the thread's control block, which the thread pointer leads
 * to. No libc's layout is presumed, only what these things and the code for them look like.
 */
#include <elf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arch_tool.h"
#include "sources/core/core.h"
#include "base/xalloc.h"
#include "libc/rseq.h"
#include "libc/tid_code.h"

/* How much of a control block is looked at: glibc's has what we look for in all its parts
 * and takes 2.3 KB in all, musl's is smaller. */
#define BLOCK_WORDS 768
#define TID_WORDS 192 /* as src/lib/park.c */

struct block {
	uint64_t address; /* 0: the thread has none that can be read */
	uint64_t words[BLOCK_WORDS / 2];
};

static uint32_t half(const struct block *block, size_t index)
{
	uint32_t word;

	memcpy(&word, (const char *)block->words + index * sizeof(word), sizeof(word));
	return word;
}

/* A block may end where memory does: what is behind is zero. */
static void read_block(struct core *core, uint64_t address, struct block *ret_block)
{
	struct capture *capture = &core->capture;
	size_t length = sizeof(ret_block->words);
	uint64_t unit = capture->image->page_size;

	memset(ret_block, 0, sizeof(*ret_block));
	if (!address || address % sizeof(uint64_t))
		return;
	if (capture->read(capture, address, ret_block->words, length)) {
		length = unit - address % unit;
		if (length > sizeof(ret_block->words)
		    || capture->read(capture, address, ret_block->words, length))
			return;
	}
	ret_block->address = address;
}

/* ---- The word that holds the TID ------------------------------------------------------- */

static bool is_tid_word(const struct core *core, const struct block *blocks, size_t word)
{
	const struct core_notes *notes = &core->notes;

	for (size_t i = 0; i < notes->thread_count; i++)
		if (blocks[i].address && half(&blocks[i], word) != notes->threads[i].tid)
			return false;
	return true;
}

/* It is at the same place in all of them. A small number may be found at other places, too:
 * in glibc's block the TID is near the robust list, so the last one before that is right. */
static size_t find_tid_word(const struct core *core, const struct block *blocks, size_t robust)
{
	size_t found = SIZE_MAX;

	for (size_t word = 0; word < TID_WORDS; word++) {
		if (!is_tid_word(core, blocks, word)
		    || (found != SIZE_MAX && word > 2 * robust))
			continue;
		if (found == SIZE_MAX || robust != SIZE_MAX)
			found = word;
	}
	return found;
}

/* ---- The robust list ------------------------------------------------------------------- */

/* struct robust_list_head (linux/futex.h): the first of the list or itself, the distance from
 * an item to its futex, an item that is just being added. The distance is that of a mutex's
 * list to its lock: 32 bytes back in glibc, 28 in musl. */
static bool is_robust_list(const struct block *block, size_t index)
{
	uint64_t own = block->address + index * sizeof(uint64_t);
	uint64_t first = block->words[index];
	int64_t distance = (int64_t)block->words[index + 1];

	return (distance == -32 || distance == -28) && first
	       && (first == own || first % sizeof(uint64_t) <= 1);
}

/* Index in the block's words, or SIZE_MAX. */
static size_t find_robust_list(const struct block *block)
{
	for (size_t i = 0; block->address && i + 3 <= BLOCK_WORDS / 2; i++)
		if (is_robust_list(block, i))
			return i;
	return SIZE_MAX;
}

/* ---- Each thread ----------------------------------------------------------------------- */

struct libc {
	size_t tid_word, robust;
	struct rseq_place rseq;
	bool code_found;
	struct arch_tid_code code;
};

/* The TID is where libc's code has it; or, if there is no such code, where all threads have
 * theirs. */
static void find_tids(struct core *core, const struct block *blocks, struct libc *libc)
{
	const struct core_notes *notes = &core->notes;
	size_t with = 0, place;

	while (with < notes->thread_count && !blocks[with].address)
		with++;
	libc->tid_word = find_tid_word(core, blocks, libc->robust);
	if (with == notes->thread_count)
		return;
	libc->code_found = tid_code_find(&core->capture, blocks[with].address,
					 notes->threads[with].tid, &libc->code);
	place = (size_t)libc->code.tid / sizeof(uint32_t);
	if (libc->code_found && place < TID_WORDS && is_tid_word(core, blocks, place))
		libc->tid_word = place;
}

static void add_thread(struct core *core, size_t index, const struct block *block,
		       struct libc *libc)
{
	struct image *image = core->capture.image;
	const struct core_thread *from = &core->notes.threads[index];
	const struct arch_thread_place at = arch_thread_place(from->registers);
	struct plan_thread thread = { .pending = from->pending };
	size_t robust = find_robust_list(block);

	if (block->address && libc->tid_word != SIZE_MAX)
		thread.tid_address = block->address + libc->tid_word * sizeof(uint32_t);
	if (block->address && libc->code_found)
		thread.clear_child_tid = tid_code_clear(&libc->code, block->address);
	else
		thread.clear_child_tid = thread.tid_address;
	if (robust != SIZE_MAX) {
		thread.robust_list = block->address + robust * sizeof(uint64_t);
		thread.robust_length = 3 * sizeof(uint64_t);
	}
	rseq_of_thread(&core->capture, &libc->rseq, &at, &thread);
	image->thread_tids[index] = from->tid;
	image_add_thread(image, &thread, core->notes.name);
	if (thread.tid_address)
		image_add_fixup(image, &(struct plan_fixup){ .address = thread.tid_address,
							   .kind = PLAN_FIXUP_TID,
							   .which = (uint32_t)index });
}

static void say_what_is_missing(struct core *core, const struct block *blocks,
				const struct libc *libc)
{
	const struct core_notes *notes = &core->notes;
	bool any = false;

	for (size_t i = 0; i < notes->thread_count; i++)
		any |= blocks[i].address != 0;
	if (!any)
		return; /* without thread-local storage, there is nothing to be found */
	if (libc->tid_word == SIZE_MAX)
		report_warning(core->report, CORE,
			       "libc's copy of the TID could not be found: locks that are held "
			       "have a wrong owner in the dump, and threads cannot be joined");
	else if (!libc->code_found && notes->thread_count > 1)
		report_warning(core->report, CORE,
			       "which word the kernel clears when a thread ends is not in a core, "
			       "and libc's code for it could not be found: it is taken to be "
			       "libc's copy of the TID; if it is another, a thread that waits for "
			       "the end of another one waits forever");
	if (!libc->rseq.known)
		report_add(core->report, UNEXEC_NOTE, UNEXEC_CODE_CORE, 0, 0, 0,
			   "whether rseq was in use cannot be told (no symbol __rseq_offset): "
			   "it is not in the dump");
}

void core_add_threads(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	struct block *blocks = xcalloc(notes->thread_count, sizeof(*blocks));
	struct libc libc = { .robust = SIZE_MAX, .rseq = rseq_find(&core->capture) };

	core->capture.image->thread_tids = xcalloc(notes->thread_count, sizeof(uint32_t));
	for (size_t i = 0; i < notes->thread_count; i++) {
		uint64_t base = arch_thread_place(notes->threads[i].registers).thread_pointer;

		read_block(core, base, &blocks[i]);
		if (libc.robust == SIZE_MAX)
			libc.robust = find_robust_list(&blocks[i]);
	}
	find_tids(core, blocks, &libc);
	for (size_t i = 0; i < notes->thread_count; i++) {
		add_thread(core, i, &blocks[i], &libc);
		core_add_random_states(core, blocks[i].words, BLOCK_WORDS / 2);
	}
	say_what_is_missing(core, blocks, &libc);
	free(blocks);
}

/* From which CPU the vector registers are: it need not be this one. */
int core_find_registers(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	struct plan_registers *registers = &core->capture.image->registers;
	const char *wrong = NULL;

	for (size_t i = 0; i < notes->thread_count && !registers->states && !wrong; i++)
		wrong = arch_registers_of_core(notes->threads[i].vector,
					       notes->threads[i].vector_size, notes->layout,
					       notes->layout_size, registers);
	registers->frame_size = core_auxv(notes, AT_MINSIGSTKSZ);
	for (size_t i = 0; i < notes->thread_count && !wrong; i++)
		wrong = arch_registers_check(registers, notes->threads[i].vector,
					     notes->threads[i].vector_size);
	if (wrong)
		report_error(core->report, CORE, "the vector registers (NT_X86_XSTATE) make no "
			     "sense: %s", wrong);
	return wrong ? -1 : 0;
}

/* Its code is replaced by the bridge, and reads data that no core has. On a kernel of the same
 * build the whole vDSO takes its place. */
static void say_if_in_vdso(struct core *core, const struct core_thread *thread)
{
	uint64_t counter = arch_thread_place(thread->registers).counter;
	const struct core_piece *piece = core_find_piece(core, counter);

	if (piece && piece->range.start == core_auxv(&core->notes, AT_SYSINFO_EHDR))
		report_add(core->report, UNEXEC_WARNING, UNEXEC_CODE_CORE, 0, counter, 0,
			   "thread %u was in a function of the vDSO (at %#lx): it can go on "
			   "only on a kernel of the same build", thread->tid,
			   (unsigned long)counter);
}

struct arch_thread_state *core_thread_states(struct core *core)
{
	const struct core_notes *notes = &core->notes;
	struct arch_thread_state *states = xcalloc(notes->thread_count, sizeof(*states));

	for (size_t i = 0; i < notes->thread_count; i++) {
		say_if_in_vdso(core, &notes->threads[i]);
		states[i] = (struct arch_thread_state){
			.registers = notes->threads[i].registers,
			.vector = notes->threads[i].vector,
			.vector_size = notes->threads[i].vector_size,
			.mask = notes->threads[i].mask,
			.altstack_flags = SS_DISABLE,
		};
	}
	return states;
}
