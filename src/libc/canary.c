/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decides which words of a process are its stack canary; see canary.h.
 */
#include "libc/canary.h"

#include <stdlib.h>

#include "arch_frame.h"
#include "arch_machine.h"
#include "arch_tls.h"
#include "libc/held_words.h"
#include "libc/libc.h"
#include "base/xalloc.h"

#define NO_ZERO_BYTE 8
#define RANDOM_BYTES 16

/* With more words of the value than this, the canary is kept. */
#define FOUND_MAX 65536

static bool peek_word(struct capture *capture, uint64_t address, uint64_t *ret_word)
{
	return !capture_peek(capture, address, ret_word, sizeof(*ret_word));
}

/* ---- Its value --------------------------------------------------------------------------- */

/* libc clears one byte of it, so that a string overrun can neither read nor write all of it. */
static bool is_canary(uint64_t word, uint64_t random, uint32_t *ret_zero_byte)
{
	for (size_t i = 0; libc_backends[i]; i++) {
		uint32_t zero_byte = libc_backends[i]->canary_zero_byte;

		if (word != (random & ~(UINT64_C(0xff) << 8 * zero_byte)))
			continue;
		*ret_zero_byte = zero_byte;
		return true;
	}
	*ret_zero_byte = NO_ZERO_BYTE;
	return word == random;
}

/* The address of AT_RANDOM's bytes, which the restarter replaces; 0: none. */
static uint64_t find_random(const struct image *image)
{
	for (size_t i = 0; i < image->fixup_count; i++)
		if (image->fixups[i].kind == PLAN_FIXUP_RANDOM)
			return image->fixups[i].address;
	return 0;
}

struct canary canary_find(struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;
	struct canary canary = { 0 };
	uint64_t random = 0, word;
	bool known = peek_word(capture, find_random(image), &random), expected = false;

	/* Threads that libc has not made may have another word there. */
	for (size_t i = 0; !canary.known && i < image->thread_count; i++) {
		uint64_t base = image->threads[i].thread_pointer;

		expected |= base != 0;
		if (!base || !known || !peek_word(capture, base + ARCH_CANARY_PLACE, &word)
		    || !is_canary(word, random, &canary.zero_byte))
			continue;
		canary.known = true;
		canary.value = word;
	}
	if (expected && !canary.known)
		report_note(report, GUARD,
			    "the stack canary does not come from the kernel's random bytes: "
			    "every start keeps the present one");
	return canary;
}

void canary_scan(struct canary *canary, const uint64_t *words, size_t count, uint64_t address)
{
	for (size_t i = 0; canary->known && i < count; i++) {
		if (words[i] != canary->value || canary->found_count > FOUND_MAX)
			continue;
		xgrow(canary->found, canary->found_count, canary->found_room);
		canary->found[canary->found_count++] = address + i * sizeof(*words);
	}
}

/* ---- Unused parts of stacks --------------------------------------------------------------- */

/* The part of its stack that the thread does not use, and that starts write to below its
 * frame. */
static struct range unused_stack(struct capture *capture, const struct plan_thread *thread)
{
	unsigned char frame[ARCH_FRAME_BYTES];
	struct range stack;
	uint64_t pointer;

	if (capture_peek(capture, thread->frame, frame, sizeof(frame)))
		return (struct range){ 0, 0 };
	pointer = arch_frame_stack(frame).pointer;
	stack = libc_thread_stack(capture, thread->thread_pointer, pointer);
	stack.end = pointer - ARCH_RED_ZONE;
	if (thread->frame >= stack.start && thread->frame < stack.end)
		stack.end = thread->frame;
	return stack.start ? stack : (struct range){ 0, 0 };
}

/* ---- Classification ----------------------------------------------------------------------- */

struct decision {
	struct capture *capture;
	uint64_t random;      /* address of AT_RANDOM's bytes */
	struct range *unused; /* part of each thread's stack */
	uint64_t *slots;      /* stack words of running functions that hold the canary */
	size_t slot_count, slot_room;
	struct range *known;  /* memory that has no other slots */
	size_t known_count, known_room;
};

static void add_slot(void *context, uint64_t address, size_t size)
{
	struct decision *decision = context;

	(void)size;
	xgrow(decision->slots, decision->slot_count, decision->slot_room);
	decision->slots[decision->slot_count++] = address;
}

static void add_known(void *context, struct range range)
{
	struct decision *decision = context;

	xgrow(decision->known, decision->known_count, decision->known_room);
	decision->known[decision->known_count++] = range;
}

static int compare_words(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void find_slots(struct decision *decision)
{
	const struct image *image = decision->capture->image;
	struct held *held = held_new(decision->capture, ARCH_CANARY_PLACE, HELD_COMPARED);
	const struct held_visitor visitor = { add_slot, add_known, decision };

	for (size_t i = 0; i < image->thread_count; i++)
		held_each(held, &image->threads[i], &visitor);
	held_free(held);
	if (decision->slot_count)
		qsort(decision->slots, decision->slot_count, sizeof(*decision->slots),
		      compare_words);
}

static bool is_slot(const struct decision *decision, uint64_t address)
{
	return decision->slot_count
	       && bsearch(&address, decision->slots, decision->slot_count,
			  sizeof(*decision->slots), compare_words);
}

enum word_kind { WORD_CANARY, WORD_IGNORED, WORD_UNKNOWN };

static enum word_kind classify(const struct decision *decision, uint64_t address)
{
	const struct image *image = decision->capture->image;
	const struct region *region = image_find(image, address);
	enum word_kind kind = WORD_UNKNOWN;

	if (address + sizeof(uint64_t) > decision->random
	    && address < decision->random + RANDOM_BYTES)
		return WORD_IGNORED;
	if (!region || !(region->prot & 2 /* write */))
		return WORD_UNKNOWN;
	if (is_slot(decision, address))
		return WORD_CANARY;
	for (size_t i = 0; i < decision->known_count; i++)
		if (range_contains(decision->known[i], address))
			return WORD_IGNORED;
	for (size_t i = 0; i < image->thread_count; i++) {
		if (address == image->threads[i].thread_pointer + ARCH_CANARY_PLACE)
			return WORD_CANARY;
		if (range_contains(decision->unused[i], address))
			kind = WORD_IGNORED;
	}
	return kind;
}

static void fixup_all(const struct canary *canary, const struct decision *decision)
{
	for (size_t i = 0; i < canary->found_count; i++) {
		struct plan_fixup fixup = {
			.address = canary->found[i],
			.kind = PLAN_FIXUP_CANARY,
			.which = canary->zero_byte,
		};

		if (classify(decision, fixup.address) == WORD_CANARY)
			image_add_fixup(decision->capture->image, &fixup);
	}
}

static bool all_words_are_known(const struct canary *canary, const struct decision *decision,
		     struct report *report)
{
	if (canary->found_count > FOUND_MAX) {
		report_note(report, GUARD, "too many words have the value of the stack canary: "
					   "every start keeps it");
		return false;
	}
	for (size_t i = 0; i < canary->found_count; i++) {
		uint64_t address = canary->found[i];

		if (classify(decision, address) != WORD_UNKNOWN)
			continue;
		report_add(report, UNEXEC_NOTE, UNEXEC_CODE_GUARD, 0, address, address + 8,
			   "the word at 0x%llx has the value of the stack canary, and its use "
			   "is not known: every start keeps the canary",
			   (unsigned long long)address);
		return false;
	}
	return true;
}

void canary_decide(struct canary *canary, struct capture *capture, struct report *report)
{
	const struct image *image = capture->image;
	struct decision decision = {
		.capture = capture,
		.random = find_random(image),
		.unused = xcalloc(image->thread_count + 1, sizeof(*decision.unused)),
	};

	for (size_t i = 0; canary->known && i < image->thread_count; i++)
		decision.unused[i] = unused_stack(capture, &image->threads[i]);
	/* With one word a thread, no frame has any. */
	if (canary->found_count > image->thread_count)
		find_slots(&decision);
	if (all_words_are_known(canary, &decision, report))
		fixup_all(canary, &decision);
	free(decision.unused);
	free(decision.slots);
	free(decision.known);
	free(canary->found);
	canary->found = NULL;
	canary->found_count = canary->found_room = 0;
}
