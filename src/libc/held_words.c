/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds copies of a control-block word that running functions hold; see held_words.h.
 */
#include "libc/held_words.h"

#include <stdlib.h>
#include <string.h>

#include "arch_code.h"
#include "arch_frame.h"
#include "arch_machine.h"
#include "base/xalloc.h"

/* The longest functions are main loops of interpreters, some 100 KB. */
#define CODE_MAX (UINT64_C(1) << 20)

/* A smaller stack has no room for a signal (MINSIGSTKSZ). */
#define STACK_MIN 2048

/* No signal frame with its registers is longer. */
#define REGISTERS_MAX ARCH_FRAME_MAX

/* A function, and the places where its code handles the word. Each is analysed once. */
struct function {
	uint64_t start;
	struct arch_held *list;
	size_t count, room;
};

struct held {
	struct elf_unwind *unwind;
	struct capture *capture;
	uint64_t offset;
	enum held_what what;
	struct function *functions;
	size_t count, room;
	/* The thread that is visited. */
	const struct plan_thread *thread;
	const struct held_visitor *visitor;
	const char *file; /* of its innermost frame */
	size_t frames, loading;
};

struct held *held_new(struct capture *capture, uint64_t offset, enum held_what what)
{
	struct held *held = xcalloc(1, sizeof(*held));

	held->capture = capture;
	held->offset = offset;
	held->what = what;
	held->unwind = elf_unwind_new(capture);
	return held;
}

void held_free(struct held *held)
{
	for (size_t i = 0; i < held->count; i++)
		free(held->functions[i].list);
	free(held->functions);
	elf_unwind_free(held->unwind);
	free(held);
}

static void add_place(void *context, const struct arch_held *place)
{
	struct function *function = context;

	xgrow(function->list, function->count, function->room);
	function->list[function->count++] = *place;
}

static const struct function *analyse_function(struct held *held, struct range range)
{
	struct function *function;
	uint64_t length = range_length(range);
	unsigned char *code;

	for (size_t i = 0; i < held->count; i++)
		if (held->functions[i].start == range.start)
			return &held->functions[i];
	xgrow(held->functions, held->count, held->room);
	function = &held->functions[held->count++];
	*function = (struct function){ .start = range.start };
	if (!length || length > CODE_MAX)
		return function;
	code = xmalloc(length);
	if (!capture_peek(held->capture, range.start, code, length))
		arch_find_held(code, length, (uint32_t)held->offset, add_place, function);
	free(code);
	return function;
}

/* The address that the instruction accesses in this frame. */
static bool find_address(const struct elf_unwind_frame *frame, const struct function *function,
			const struct arch_held *place, uint64_t *ret_address)
{
	uint64_t depth;

	if (place->base != ARCH_DWARF_STACK) {
		*ret_address = frame->values[place->base] + (uint64_t)(int64_t)place->offset;
		return frame->known[place->base];
	}
	if (!frame->cfa || !elf_unwind_stack_depth(frame, function->start + place->at, &depth))
		return false;
	*ret_address = frame->cfa - depth + (uint64_t)(int64_t)place->offset;
	return true;
}

/* A frame lies between the stack pointer and the canonical frame address. */
static bool is_in_frame(const struct elf_unwind_frame *frame, uint64_t address)
{
	return address >= frame->values[ARCH_DWARF_STACK] && address < frame->cfa;
}

static bool is_compared(const struct elf_unwind_frame *frame, const struct function *function,
			uint64_t address)
{
	uint64_t other;

	for (size_t i = 0; i < function->count; i++)
		if (function->list[i].kind == ARCH_COMPARED
		    && find_address(frame, function, &function->list[i], &other)
		    && other == address)
			return true;
	return false;
}

/* Reports a place. Returns whether the function compares the word in it. */
static bool visit_place(struct held *held, const struct elf_unwind_frame *frame,
			  const struct function *function, const struct arch_held *place)
{
	const struct held_visitor *visitor = held->visitor;
	uint64_t address;
	bool compared;

	if (place->kind == ARCH_LOADED && held->what == HELD_ALL && frame->where[place->number])
		visitor->found(visitor->context, frame->where[place->number], sizeof(uint64_t));
	if (place->kind != ARCH_STORED || !find_address(frame, function, place, &address)
	    || !is_in_frame(frame, address))
		return false;
	compared = is_compared(frame, function, address);
	if (held->what == HELD_ALL || compared)
		visitor->found(visitor->context, address, sizeof(uint32_t));
	return compared;
}

/* At its start, a function has only its return address on the stack. Code that starts with
 * another depth is a part that the compiler has moved out of a function (.cold), or a signal's
 * frame. */
static bool is_whole(const struct elf_unwind_frame *frame, struct range function)
{
	uint64_t depth;

	return range_length(function) && elf_unwind_stack_depth(frame, function.start, &depth)
	       && depth == sizeof(uint64_t);
}

/* Returns true if the function has such a part at that address. */
static bool is_cold_part(void *context, int64_t at)
{
	const struct elf_unwind_frame *frame = context;
	uint64_t address = frame->function.start + (uint64_t)at;
	struct range function = elf_unwind_function_at(frame, address);

	return range_contains(function, address) && !is_whole(frame, function);
}

/* libc's functions that call main or a thread's function do not return: they store the canary
 * and never compare it. */
static bool may_compare(struct held *held, const struct elf_unwind_frame *frame,
			const struct function *function)
{
	uint64_t length = range_length(frame->function);
	unsigned char *code;
	bool may = true;

	for (size_t i = 0; i < function->count; i++)
		if (function->list[i].kind == ARCH_COMPARED)
			return true;
	if (!length || length > CODE_MAX)
		return true;
	code = xmalloc(length);
	if (!capture_peek(held->capture, frame->function.start, code, length))
		may = arch_may_compare(code, length, (uint32_t)held->offset, is_cold_part,
				       (void *)(uintptr_t)frame);
	free(code);
	return may;
}

/* The signal frame with the thread's registers. It ends at the stack pointer, at the next
 * thread's frame, or with the region. */
static struct range registers_of(const struct held *held, const struct elf_unwind_frame *frame)
{
	const struct image *image = held->capture->image;
	const struct region *region = image_find(image, held->thread->frame);
	struct range range = { held->thread->frame, held->thread->frame + REGISTERS_MAX };
	uint64_t stack = frame->values[ARCH_DWARF_STACK] - ARCH_RED_ZONE;

	for (size_t i = 0; i < image->thread_count; i++)
		if (image->threads[i].frame > range.start && image->threads[i].frame < range.end)
			range.end = image->threads[i].frame;
	if (stack > range.start && stack < range.end)
		range.end = stack;
	if (!region || range.end > region->range.end)
		range.end = region ? region->range.end : range.start;
	return range;
}

/* A frame that is as large as a stack may contain another context's stack. */
static void report_known(struct held *held, const struct elf_unwind_frame *frame,
		       const struct function *function, bool compares)
{
	const struct held_visitor *visitor = held->visitor;
	struct range range = { frame->values[ARCH_DWARF_STACK], frame->cfa };

	if (!visitor->known || !frame->cfa || !is_whole(frame, frame->function)
	    || range.end - range.start >= STACK_MIN
	    || (function->count && !compares && may_compare(held, frame, function)))
		return;
	if (held->frames == 1 && !function->count) {
		range.start -= ARCH_RED_ZONE;
		visitor->known(visitor->context, registers_of(held, frame));
	}
	visitor->known(visitor->context, range);
}

static bool visit_frame(void *context, const struct elf_unwind_frame *frame)
{
	struct held *held = context;
	const struct function *function;
	bool compares = false;

	if (!held->file)
		held->file = frame->file;
	if (held->what == HELD_ALL && strcmp(frame->file, held->file) != 0)
		return false;
	function = analyse_function(held, frame->function);
	held->frames++;
	held->loading += function->count > 0;
	for (size_t i = 0; i < function->count; i++)
		compares |= visit_place(held, frame, function, &function->list[i]);
	report_known(held, frame, function, compares);
	return true;
}

size_t held_each(struct held *held, const struct plan_thread *thread,
		 const struct held_visitor *visitor)
{
	held->thread = thread;
	held->visitor = visitor;
	held->file = NULL;
	held->frames = held->loading = 0;
	elf_unwind_thread(held->unwind, thread, visit_frame, held);
	return held->loading;
}
