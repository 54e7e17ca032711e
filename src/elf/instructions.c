/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds the starts of instructions in code of this machine, by libopcodes.
 */
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0" /* bfd.h insists on it */
#endif
#include <bfd.h>
#include <dis-asm.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch_calls.h"
#include "elf/instructions.h"

/* An instruction as text. */
struct text {
	char bytes[128];
	size_t length;
};

static void append_text(struct text *text, const char *format, va_list arguments)
{
	size_t room = sizeof(text->bytes) - text->length;
	int more = vsnprintf(text->bytes + text->length, room, format, arguments);

	if (more > 0)
		text->length += (size_t)more < room ? (size_t)more : room - 1;
}

static int add_text(void *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_text(stream, format, arguments);
	va_end(arguments);
	return 0;
}

static int add_styled_text(void *stream, enum disassembler_style style, const char *format, ...)
{
	va_list arguments;

	(void)style;
	va_start(arguments, format);
	append_text(stream, format, arguments);
	va_end(arguments);
	return 0;
}

struct decoder {
	disassembler_ftype next;
	struct disassemble_info info;
	struct text text;
};

static void prepare_decoder(struct decoder *decoder, const unsigned char *code, size_t length)
{
	decoder->next = disassembler(ARCH_BFD, false, ARCH_BFD_MACHINE, NULL);
	init_disassemble_info(&decoder->info, &decoder->text, add_text, add_styled_text);
	decoder->info.arch = ARCH_BFD;
	decoder->info.mach = ARCH_BFD_MACHINE;
	decoder->info.buffer = (bfd_byte *)(uintptr_t)code;
	decoder->info.buffer_length = length;
	disassemble_init_for_target(&decoder->info);
}

/* Returns the length of the instruction at `at` and leaves its text in the decoder. 0: the
 * bytes there are no instruction. */
static size_t decode_instruction(struct decoder *decoder, size_t at)
{
	int length;

	decoder->text.length = 0;
	decoder->text.bytes[0] = 0;
	length = decoder->next ? decoder->next(at, &decoder->info) : 0;
	return length > 0 && !strstr(decoder->text.bytes, "(bad)") ? (size_t)length : 0;
}

bool elf_instructions_reach(const unsigned char *code, size_t length, size_t from, size_t at)
{
	struct decoder decoder;

	prepare_decoder(&decoder, code, length);
	while (from < at) {
		size_t step = decode_instruction(&decoder, from);

		if (!step)
			return false;
		from += step;
	}
	return from == at;
}

static bool is_odd_instruction(const char *text)
{
	static const char *const odd[] = { ARCH_ODD_INSTRUCTIONS };

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		if (!strncmp(text, odd[i], strlen(odd[i])))
			return true;
	return false;
}

/* Returns whether [from, end) decodes to instructions that compilers make. */
static bool is_ordinary_code(struct decoder *decoder, size_t from, size_t end)
{
	while (from < end) {
		size_t step = decode_instruction(decoder, from);

		if (!step || is_odd_instruction(decoder->text.bytes))
			return false;
		from += step;
	}
	return true;
}

#define FIRST 64 /* decoding begins FIRST to LAST bytes before the instruction */
#define LAST 32
#define AFTER 32

bool elf_instructions_likely(const unsigned char *code, size_t length, size_t at)
{
	struct decoder decoder;
	size_t end = length - at < AFTER ? length : at + AFTER;
	int ordinary = 0, reached = 0, tried = 0;

	prepare_decoder(&decoder, code, length);
	if (!is_ordinary_code(&decoder, at, end))
		return false;
	for (size_t back = FIRST; back >= LAST; back--) {
		if (back > at)
			continue;
		tried++;
		if (!elf_instructions_reach(code, length, at - back, at))
			continue;
		reached++;
		ordinary += is_ordinary_code(&decoder, at - back, at);
	}
	return tried && reached * 4 >= tried * 3 && ordinary;
}
