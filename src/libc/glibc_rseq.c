/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glibc's area for restartable sequences (rseq): its variables have the place, and threads are
 * without it while they begin or end.
 */
#include <stdlib.h>

#include "arch_code.h"
#include "arch_registers.h"
#include "libc/glibc.h"
#include "elf/lookup.h"
#include "base/xalloc.h"

/* Kernels accept 32, the length of the first struct rseq, or a length that holds all that they
 * use (kernel/rseq.c). __rseq_size is 32 in glibc up to 2.39, which registers that; later ones
 * give the length in use and register at least 32. */
#define RSEQ_UNIT 32

bool glibc_find_rseq(struct capture *capture, struct libc_rseq *ret_rseq)
{
	uint64_t offset_at = 0, size_at = 0;
	const struct elf_variable wanted[] = { { "__rseq_offset", &offset_at },
					       { "__rseq_size", &size_at }, { NULL, NULL } };
	struct libc_rseq rseq = { 0 };

	elf_find_variables(capture, wanted);
	if (!offset_at || !size_at
	    || capture->read(capture, offset_at, &rseq.offset, sizeof(rseq.offset))
	    || capture->read(capture, size_at, &rseq.length, sizeof(rseq.length)))
		return false;
	if (rseq.length)
		rseq.length = (rseq.length + RSEQ_UNIT - 1) / RSEQ_UNIT * RSEQ_UNIT;
	if (rseq.length > capture->image->page_size)
		rseq.length = 0;
	*ret_rseq = rseq;
	return true;
}

/* ---- Threads that begin or end ----------------------------------------------------------- */

/* libc's own calls before and after a thread's function take less of the stack, and so does the
 * static thread-local storage of most programs. */
#define STACK_WORDS 2048
/* glibc's start_thread() is shorter than this. */
#define NEAR 4096

struct start {
	struct capture *capture;
	uint64_t words[STACK_WORDS];
	size_t count; /* how many of them lie below the return address to clone3() */
};

static bool is_thread_end(struct capture *capture, uint64_t word)
{
	unsigned char code[ARCH_THREAD_END];

	return capture_code_at(capture, word)
	       && !capture_peek(capture, word - ARCH_THREAD_END_CALL, code, sizeof(code))
	       && arch_is_thread_end(code);
}

/* Reads the stack up to the return address to clone3(). False: there is none, or too far
 * away. */
static bool read_thread_start(struct start *start, const struct arch_thread_place *place)
{
	uint64_t stack = (place->stack + 7) & ~UINT64_C(7);
	size_t count = place->thread_pointer > stack
			       ? (place->thread_pointer - stack) / sizeof(uint64_t) : 0;

	if (!count || count > STACK_WORDS
	    || capture_peek(start->capture, stack, start->words, count * sizeof(uint64_t)))
		return false;
	while (count && !is_thread_end(start->capture, start->words[count - 1]))
		count--;
	start->count = count ? count - 1 : 0;
	return count;
}

/* The call of rseq() is in the same object's code as clone3(). */
static void find_code(struct capture *capture, uint64_t clone, struct libc_rseq *rseq)
{
	const struct region *region = capture_code_at(capture, clone);
	size_t length = range_length(region->range), end;
	unsigned char *bytes = xmalloc(length);

	end = capture_peek(capture, region->range.start, bytes, length)
		      ? 0 : arch_find_rseq_code(bytes, length);
	rseq->code = end ? region->range.start + end : UINT64_MAX;
	free(bytes);
}

static bool is_near(const struct libc_rseq *rseq, uint64_t address)
{
	return rseq->code != UINT64_MAX && address + NEAR > rseq->code
	       && address < rseq->code + NEAR;
}

static enum arch_function_call call_before(struct capture *capture, uint64_t address)
{
	unsigned char code[ARCH_FUNCTION_CALL];

	return capture_peek(capture, address - sizeof(code), code, sizeof(code))
		       ? ARCH_FUNCTION_CALL_NONE : arch_function_call_before(code);
}

/* A new thread in which clone3() returns: its stack is empty, and that code comes next. */
#define NEXT 32
static bool is_at_birth(struct capture *capture, const struct arch_thread_place *place)
{
	unsigned char code[NEXT + ARCH_THREAD_END];
	bool found = false;

	if (place->stack >= place->thread_pointer
	    || place->thread_pointer - place->stack > STACK_WORDS * sizeof(uint64_t)
	    || !capture_code_at(capture, place->counter)
	    || capture_peek(capture, place->counter, code, sizeof(code)))
		return false;
	for (size_t i = 0; i < NEXT; i++)
		found |= arch_is_thread_end(code + i);
	return found;
}

/* Returns true if the thread is in start_thread() or a function called from it, except the thread's
 * own function, which is called through a pointer. Before and after that call, rseq may be
 * unregistered. */
bool glibc_begins_or_ends(struct capture *capture, struct libc_rseq *rseq,
			   const struct arch_thread_place *place)
{
	struct start start = { .capture = capture };

	if (!read_thread_start(&start, place))
		return is_at_birth(capture, place);
	if (!rseq->code)
		find_code(capture, start.words[start.count], rseq);
	for (size_t i = start.count; i--;) {
		enum arch_function_call call = is_near(rseq, start.words[i])
					      ? call_before(capture, start.words[i])
					      : ARCH_FUNCTION_CALL_NONE;

		if (call != ARCH_FUNCTION_CALL_NONE)
			return call == ARCH_FUNCTION_CALL_DIRECT;
	}
	return is_near(rseq, place->counter);
}
