/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of lines of text.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"

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

char *words_escape(const char *name)
{
	char *escaped = xmalloc(4 * strlen(name) + sizeof("\\x2d")), *to = escaped;

	if (!*name)
		return strcpy(escaped, "-");
	if (!strcmp(name, "-"))
		return strcpy(escaped, "\\x2d");
	for (; *name; name++)
		if (is_plain(*name))
			*to++ = *name;
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*name);
	*to = '\0';
	return escaped;
}

void words_print(FILE *stream, const char *name)
{
	char *escaped = words_escape(name);

	fputs(escaped, stream);
	free(escaped);
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
