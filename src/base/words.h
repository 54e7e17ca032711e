/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of lines of text: numbers, and names that may contain any byte except zero.
 *
 * In names, backslashes and bytes that are not visible ASCII are written \xNN; "-" stands
 * for the empty name, and so "\x2d" for the name "-".
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdint.h>
#include <stdio.h>

/* Cuts the next word off *line. Returns "" after the last word. */
char *words_next(char **line);

/* Reads a decimal number, or a hexadecimal one after "0x". Returns -1 for anything else and for
 * numbers that do not fit. */
int words_number(const char *word, uint64_t *ret_value);

/* Returns the name as a word; the caller frees it. */
char *words_escape(const char *name);
void words_print(FILE *stream, const char *name);

/* Undoes words_print in place. Returns -1 if words_print cannot have written the word. */
int words_unescape(char *word);

#endif
