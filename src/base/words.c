/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that lines of text are made of.
 */
#include <stdbool.h>
#include <string.h>

#include "base/words.h"

char *words_next(char **line)
{
	char *word = *line + strspn(*line, " ");

	*line = word + strcspn(word, " ");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

int words_number(const char *word, uint64_t *ret_value)
{
	unsigned base = 10, digit;
	uint64_t value = 0;

	if (word[0] == '0' && word[1] == 'x') {
		base = 16;
		word += 2;
	}
	if (!*word)
		return -1;
	for (; *word; word++) {
		if (*word >= '0' && *word <= '9')
			digit = *word - '0';
		else if (base == 16 && *word >= 'a' && *word <= 'f')
			digit = *word - 'a' + 10;
		else
			return -1;
		if (value > (UINT64_MAX - digit) / base)
			return -1;
		value = value * base + digit;
	}
	*ret_value = value;
	return 0;
}

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '\\';
}

void words_print(FILE *stream, const char *name)
{
	if (!*name) {
		putc('-', stream);
	} else if (!strcmp(name, "-")) {
		fputs("\\x2d", stream);
	} else {
		for (; *name; name++)
			fprintf(stream, is_plain(*name) ? "%c" : "\\x%02x",
				(unsigned char)*name);
	}
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? digit - digits : -1;
}

int words_unescape(char *word)
{
	const char *from = word;
	char *to = word;

	if (!*word)
		return -1;
	if (!strcmp(word, "-"))
		from = "";
	while (*from) {
		char byte = *from++;

		if (byte == '\\') {
			if (from[0] != 'x' || hex_digit(from[1]) < 0 || hex_digit(from[2]) < 0)
				return -1;
			byte = hex_digit(from[1]) << 4 | hex_digit(from[2]);
			from += 3;
		} else if (!is_plain(byte)) {
			return -1;
		}
		if (!byte)
			return -1;
		*to++ = byte;
	}
	*to = '\0';
	return 0;
}
