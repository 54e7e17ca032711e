/* SPDX-License-Identifier: MIT
 *
 * Reads /proc/…/maps line by line without libc: for the restarter and the frozen copy.
 */
#ifndef SHARED_PROC_MAPS_H
#define SHARED_PROC_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/unistd.h>

#include "arch_syscall.h"

struct maps_reader {
	long descriptor; /* opened and closed by the caller */
	long have, at;
	char buffer[1024];
};

struct maps_entry {
	uint64_t start, end;
	char permissions[5]; /* "rwxp" */
	char name[256];      /* cut to what fits; "" for anonymous memory */
};

/* The next character, or -1 at the end. */
static inline int maps_character(struct maps_reader *reader)
{
	if (reader->have < 0)
		return -1;
	if (reader->at >= reader->have) {
		reader->at = 0;
		reader->have = sys(__NR_read, reader->descriptor, reader->buffer,
				   sizeof(reader->buffer));
		if (reader->have <= 0)
			return -1;
	}
	return (unsigned char)reader->buffer[reader->at++];
}

/* At the end: 0 if all has been read, or -errno. */
static inline long maps_failed(const struct maps_reader *reader)
{
	return reader->have < 0 ? reader->have : 0;
}

/* Reads hexadecimal digits and the character behind them. */
static inline uint64_t maps_number(struct maps_reader *reader)
{
	uint64_t value = 0;

	for (;;) {
		int c = maps_character(reader);

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return value;
	}
}

/* Reads the next line: "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME". 0 at the end. */
static inline int maps_next(struct maps_reader *reader, struct maps_entry *ret)
{
	size_t length = 0;
	int c;

	ret->start = maps_number(reader);
	ret->end = maps_number(reader);
	for (int i = 0; i < 4; i++)
		ret->permissions[i] = (char)maps_character(reader);
	ret->permissions[4] = 0;
	for (int spaces = 0; spaces < 4;) {
		c = maps_character(reader);
		if (c < 0)
			return 0;
		if (c == ' ')
			spaces++;
	}
	do
		c = maps_character(reader);
	while (c == ' ');
	for (; c >= 0 && c != '\n'; c = maps_character(reader))
		if (length < sizeof(ret->name) - 1)
			ret->name[length++] = (char)c;
	ret->name[length] = 0;
	return c >= 0;
}

#endif
