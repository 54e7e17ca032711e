/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Startup values: variables and stack words in which libc and the program remember values of the
 * old process. This file finds them; the restarter replaces them by the new process's.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch_frame.h"
#include "capture/auxv.h"
#include "libc/libc.h"
#include "base/xalloc.h"
#include "elf/lookup.h"


static void add_value(struct image *image, uint64_t address, uint32_t kind, uint32_t which)
{
	const struct region *region = image_find(image, address);
	const struct plan_fixup fixup = { .address = address, .kind = kind, .which = which };

	if (address && region && region->prot & 2 /* write */)
		image_add_fixup(image, &fixup);
}

/* ---- By their symbols -------------------------------------------------------------------- */

static void find_places(struct startup_values *places, struct capture *capture,
			struct report *report)
{
	const struct elf_variable wanted[] = {
		{ "environ", &places->environment },
		{ "program_invocation_name", &places->name },
		{ "program_invocation_short_name", &places->short_name },
		{ "__curbrk", &places->brk },
		{ NULL, NULL },
	};

	elf_find_variables(capture, wanted);
	if (!places->environment)
		report_warning(report, SYMBOLS, "the program has no symbol 'environ': it keeps "
						"its present environment");
}

/* ---- The top of the stack ---------------------------------------------------------------- */

/* Types of entries that belong to the process, and not to the addresses of its memory. */
static bool is_per_process(uint64_t type)
{
	static const uint64_t types[] = { AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE,
					  AT_HWCAP, AT_HWCAP2, AT_FLAGS, AT_EXECFN };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i] == type)
			return true;
	return false;
}

static void add_auxv(struct capture *capture, uint64_t stack)
{
	struct word_reader reader = { .capture = capture, .start = 1 };
	uint64_t at = capture_find_auxv(&reader, stack);

	for (int i = 0; at && i < 64; i++, at += 2 * sizeof(uint64_t)) {
		uint64_t type = capture_word(&reader, at), value = capture_word(&reader, at + 8);

		if (type == AT_NULL || reader.failed)
			return;
		if (is_per_process(type))
			add_value(capture->image, at + 8, PLAN_FIXUP_AUXV, (uint32_t)type);
		else if (type == AT_RANDOM)
			add_value(capture->image, value, PLAN_FIXUP_RANDOM, 0);
	}
}

/* ---- Are they still the kernel's? -------------------------------------------------------- */

static uint64_t value_of(struct capture *capture, uint64_t place)
{
	uint64_t word = 0;

	return place && !capture_peek(capture, place, &word, sizeof(word)) ? word : 0;
}

/* Returns true if the variable points to the strings of arguments and environment, which the
 * kernel has put on the stack. A name that the program has made itself is kept. */
static bool is_argument(struct capture *capture, uint64_t place)
{
	const struct range *arguments = &capture->image->arguments;
	const struct region *stack = image_find(capture->image, capture->image->mm.start_stack);
	uint64_t word = value_of(capture, place), strings = capture_auxv_end(capture);

	return word && ((word >= arguments->start && word < arguments->end)
			|| (strings && word >= strings && stack && word < stack->range.end));
}

/* libc's variable leads to the name also in a dump that has kept it, where the kernel's record leads
 * to that of the start. Cores have no such record. */
static uint64_t old_argv0(struct capture *capture, uint64_t place)
{
	const struct image *image = capture->image;
	uint64_t stack = image->mm.start_stack;

	if (is_argument(capture, place))
		return value_of(capture, place);
	if (range_length(image->arguments))
		return image->arguments.start;
	return stack && value_of(capture, stack) ? value_of(capture, stack + sizeof(uint64_t)) : 0;
}

/* ---- All of it --------------------------------------------------------------------------- */

void libc_add_startup_values(struct capture *capture, const struct startup_values *known,
			     const struct startup_choices *choices, struct report *report)
{
	struct image *image = capture->image;
	struct startup_values places = { .stack = image->mm.start_stack };

	if (known)
		places = *known;
	else
		find_places(&places, capture, report);
	if (places.environment
	    && libc_add_environment(capture, places.environment, choices, report))
		add_value(image, places.environment, PLAN_FIXUP_ENVP, 0);
	else
		image->keeps_environment = true;
	if (choices->keeps_argv0)
		image->argv0 = old_argv0(capture, places.name);
	if (is_argument(capture, places.name))
		add_value(image, places.name, PLAN_FIXUP_NAME, 0);
	if (is_argument(capture, places.short_name))
		add_value(image, places.short_name, PLAN_FIXUP_SHORT_NAME, 0);
	if (value_of(capture, places.brk) == image->mm.brk)
		add_value(image, places.brk, PLAN_FIXUP_BRK, 0);
	add_auxv(capture, places.stack);
}

void libc_add_arguments(struct capture *capture, size_t thread)
{
	struct image *image = capture->image;
	uint64_t frame = image->threads[thread].frame;

	add_value(image, frame + arch_frame_argument(0), PLAN_FIXUP_ARGC, 0);
	add_value(image, frame + arch_frame_argument(1), PLAN_FIXUP_ARGV, 0);
	if (!image->keeps_environment)
		add_value(image, frame + arch_frame_argument(2), PLAN_FIXUP_ENVP, 0);
}
