/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that lines of text are made of: numbers, and names that may hold any byte but
 * zero.
 *
 * In names, backslashes and bytes that are not visible ASCII are written \xNN; "-" stands
 * for the empty name, and so "\x2d" for the name "-".
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdint.h>
#include <stdio.h>

/* Cuts the next word off *line. "" behind the last. */
char *words_next(char **line);

/* Reads a number, decimal or hexadecimal after "0x". -1 if it is anything else or does not
 * fit. */
int words_number(const char *word, uint64_t *ret_value);

/* Writes a name as a word. To be freed. */
char *words_escape(const char *name);
void words_print(FILE *stream, const char *name);

/* Undoes words_print in place. -1 if that did not write it. */
int words_unescape(char *word);

#endif
