/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recognises stack canary, pointer guard and mangled pointers. Pure but for capture_guards.
 *
 * Canary and guard are random words of 56 and 64 bits: each word of that value is a copy of
 * them, in whatever memory it lies (also a stack that a program has made for itself). A
 * mangled word that leads to code is a mangled pointer to a function: by chance alone, one
 * in 2^39 random words does with 32 MB of code.
 */
#include <string.h>

#include "arch_tool.h"
#include "capture/guards.h"

/* ---- In the process ---------------------------------------------------------------------- */

#define NO_ZERO_BYTE 8

/* glibc clears the lowest byte (sysdeps/generic/dl-osinfo.h), musl the second
 * (src/env/__stack_chk_fail.c), so that a string that runs over its end cannot read or write
 * it whole. */
static bool is_canary(uint64_t word, uint64_t random, uint32_t *ret_zero_byte)
{
	static const uint32_t bytes[] = { 0, 1, NO_ZERO_BYTE };

	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		uint64_t cleared = bytes[i] < 8 ? UINT64_C(0xff) << 8 * bytes[i] : 0;

		if (word != (random & ~cleared))
			continue;
		*ret_zero_byte = bytes[i];
		return true;
	}
	return false;
}

static bool read_word(struct capture *capture, uint64_t address, uint64_t *ret_word)
{
	return !capture_peek(capture, address, ret_word, sizeof(*ret_word));
}

/* The bytes that AT_RANDOM leads to, which the restarter renews. */
static bool read_random(struct capture *capture, uint64_t random[2])
{
	const struct image *image = capture->image;

	for (size_t i = 0; i < image->mend_count; i++)
		if (image->mends[i].kind == PLAN_MEND_RANDOM)
			return read_word(capture, image->mends[i].address, random)
			       && read_word(capture, image->mends[i].address + 8, random + 1);
	return false;
}

/* setjmp and longjmp have for a few instructions what is mangled, or half so, in registers
 * alone, where it cannot be told from numbers. A thread that was stopped anywhere may be
 * there, but for one in a system call: what they do them with is in memory by then. */
static bool is_mangling(struct capture *capture, const unsigned char *frame)
{
	unsigned char code[2 * ARCH_MANGLING_REACH];
	uint64_t start = arch_frame_counter(frame) - ARCH_MANGLING_REACH;

	return !capture_peek(capture, start, code, sizeof(code))
	       && !arch_is_system_call(code + ARCH_MANGLING_REACH)
	       && arch_is_mangling(code, sizeof(code));
}

/* A handler may have interrupted it there. */
static int was_mangling(void *context, uint64_t address, uint64_t word)
{
	struct capture *capture = context;
	unsigned char frame[ARCH_FRAME_BYTES];

	return capture_returns_from_handler(capture, word)
	       && !capture_read(capture, address + sizeof(word), frame, sizeof(frame))
	       && is_mangling(capture, frame);
}

static bool is_in_setjmp(struct capture *capture, const struct plan_thread *thread)
{
	unsigned char frame[ARCH_FRAME_BYTES];

	if (!image_find(capture->image, thread->frame)
	    || capture_read(capture, thread->frame, frame, sizeof(frame)))
		return false;
	return is_mangling(capture, frame)
	       || capture_each_on_stack(capture, arch_frame_stack(frame).pointer, was_mangling,
					capture) > 0;
}

/* Then the pointer guard stays, this once. */
static void forgo_pointers(struct guards *guards, struct capture *capture,
			   struct report *report)
{
	const struct image *image = capture->image;

	for (size_t i = 0; guards->has_pointer && i < image->thread_count; i++) {
		if (!is_in_setjmp(capture, &image->threads[i]))
			continue;
		guards->has_pointer = false;
		report_note(report, GUARD,
			    "thread '%s' was about to mangle a pointer: each start has the "
			    "pointer guard of now",
			    image->thread_names[i]);
	}
}

struct guards capture_guards(struct capture *capture, struct report *report)
{
	struct guards guards = { .image = capture->image, .forget = capture->image->afresh };
	uint64_t random[2] = { 0, 0 }, word;
	bool known = read_random(capture, random), expected = false;

	/* Threads that are not of libc's making may have something else there. */
	for (size_t i = 0; !guards.has_canary && i < capture->image->thread_count; i++) {
		uint64_t base = capture->image->threads[i].fs_base;

		expected |= base != 0;
		if (!base || !known || !read_word(capture, base + ARCH_CANARY_PLACE, &word)
		    || !is_canary(word, random[0], &guards.zero_byte))
			continue;
		guards.has_canary = true;
		guards.canary = word;
		guards.has_pointer = read_word(capture, base + ARCH_GUARD_PLACE, &guards.pointer)
				     && guards.pointer == random[1];
	}
	if (expected && !guards.has_canary)
		report_note(report, GUARD,
			    "the libc does not take its stack canary from the kernel's random "
			    "bytes: each start has that of now");
	forgo_pointers(&guards, capture, report);
	return guards;
}

/* ---- In memory --------------------------------------------------------------------------- */

static bool is_code(const struct guards *guards, uint64_t address)
{
	const struct region *region = image_find(guards->image, address);

	return region && region->prot & 4 /* execute */;
}

/* A stack pointer may be at its stack's very end. */
static bool is_stack(const struct guards *guards, uint64_t address)
{
	const struct region *region = image_find(guards->image, address - 1);

	return region && region->prot & 2 /* write */;
}

/* glibc mangles NULL like any other pointer (libio's cookies, gconv, NSS). */
static bool is_function(const struct guards *guards, uint64_t demangled)
{
	return !demangled || is_code(guards, demangled);
}

/* The rest of a jmp_buf, if `pc` is the last of its words that are mangled. rbp may be any
 * number at all. */
static void scan_jmp_buf(const struct guards_window *window, const struct guards *guards,
			 size_t pc, void (*found)(void *, uint64_t, uint32_t), void *arg)
{
	const size_t parts[] = { ARCH_JMP_STACK, ARCH_JMP_FRAME };

	if (pc < ARCH_JMP_FRAME || !is_stack(guards, arch_demangle(window->words[pc - parts[0]],
								   guards->pointer)))
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		found(arg, window->address + (pc - parts[i]) * sizeof(uint64_t),
		      PLAN_MEND_POINTER);
}

static bool is_programs_own(const struct guards *guards, uint64_t address)
{
	const struct region *region = image_find(guards->image, address);

	return region && !strcmp(region->name, guards->image->program);
}

/* glibc's list of functions for exit() has four words for each (stdlib/exit.h): how it is to
 * be called, 0 for not at all; the mangled function; its argument; for whom it was registered,
 * an address in that program or library (or 0: by a program that is not PIE, by ld.so).
 * Destructors of C++ are there like functions given to atexit(), but have an object. */
static bool is_exit_function(const struct guards_window *window, const struct guards *guards,
			     size_t i, uint64_t function)
{
	enum { ON_EXIT = 2, AT_EXIT = 4 };
	const uint64_t *words = window->words + i - 1;

	if (i < 1 || i + 2 >= window->count)
		return false;
	if (words[0] == ON_EXIT)
		return is_programs_own(guards, function);
	return words[0] == AT_EXIT && !words[2]
	       && is_programs_own(guards, words[3] ? words[3] : function);
}

void guards_scan(const struct guards_window *window, const struct guards *guards,
		 void (*found)(void *arg, uint64_t address, uint32_t kind), void *arg)
{
	for (size_t i = window->first; i < window->last; i++) {
		uint64_t word = window->words[i], demangled;
		uint64_t address = window->address + i * sizeof(word);

		if (guards->has_canary && word == guards->canary)
			found(arg, address, PLAN_MEND_CANARY);
		if (!guards->has_pointer)
			continue;
		if (word == guards->pointer) {
			found(arg, address, PLAN_MEND_GUARD);
			continue;
		}
		if (((uint32_t)word & ARCH_MANGLED_MASK) != arch_mangled_bits(guards->pointer))
			continue;
		demangled = arch_demangle(word, guards->pointer);
		if (!is_function(guards, demangled))
			continue;
		found(arg, address, PLAN_MEND_POINTER);
		if (guards->forget && is_exit_function(window, guards, i, demangled))
			found(arg, address - sizeof(word), PLAN_MEND_FORGET);
		if (demangled)
			scan_jmp_buf(window, guards, i, found, arg);
	}
}
