/* SPDX-License-Identifier: MIT
 *
 * Reads /proc/PID/maps line by line without libc: "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME"
 * (proc_pid_maps(5)). The restarter, the frozen copy and the redirect code use it. They include
 * arch_syscall.h for sys() first; code with little stack defines MAPS_BUFFER and MAPS_NAME first.
 */
#ifndef SHARED_PROC_MAPS_H
#define SHARED_PROC_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/unistd.h>

#ifndef MAPS_BUFFER
#define MAPS_BUFFER 1024
#endif
#ifndef MAPS_NAME
#define MAPS_NAME 256
#endif

struct maps_reader {
	long descriptor; /* the caller opens and closes it */
	long have, at;
	char buffer[MAPS_BUFFER];
};

struct maps_entry {
	uint64_t start, end;
	char permissions[5]; /* "rwxp" */
	uint64_t device, inode;
	char name[MAPS_NAME]; /* truncated to fit; "" for anonymous memory */
};

/* Initializes a reader without a memset(). */
static inline void maps_begin(struct maps_reader *reader, long descriptor)
{
	reader->descriptor = descriptor;
	reader->have = reader->at = 0;
}

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

/* Reads a line without its newline, truncated to fit. Returns 0 at the end. */
static inline int maps_line(struct maps_reader *reader, char *line, size_t size)
{
	size_t length = 0;
	int c;

	while ((c = maps_character(reader)) >= 0 && c != '\n')
		if (length < size - 1)
			line[length++] = (char)c;
	line[length] = 0;
	return c >= 0;
}

/* At the end: 0, or -errno if reading has failed. */
static inline long maps_failed(const struct maps_reader *reader)
{
	return reader->have < 0 ? reader->have : 0;
}

/* Reads digits and the character after them. */
static inline uint64_t maps_digits(struct maps_reader *reader, uint64_t base, int *ret_after)
{
	uint64_t value = 0;

	for (;;) {
		int c = maps_character(reader);

		if (c >= '0' && c <= '9') {
			value = value * base + (uint64_t)(c - '0');
		} else if (base == 16 && c >= 'a' && c <= 'f') {
			value = value * 16 + (uint64_t)(c - 'a' + 10);
		} else {
			*ret_after = c;
			return value;
		}
	}
}

static inline uint64_t maps_hexadecimal(struct maps_reader *reader)
{
	int after;

	return maps_digits(reader, 16, &after);
}

/* Reads the next line. Returns 0 at the end. */
static inline int maps_next(struct maps_reader *reader, struct maps_entry *ret)
{
	size_t length = 0;
	int c;

	ret->start = maps_hexadecimal(reader);
	ret->end = maps_hexadecimal(reader);
	for (int i = 0; i < 4; i++)
		ret->permissions[i] = (char)maps_character(reader);
	ret->permissions[4] = 0;
	maps_character(reader);
	maps_hexadecimal(reader);
	ret->device = maps_hexadecimal(reader) << 32;
	ret->device |= maps_hexadecimal(reader);
	ret->inode = maps_digits(reader, 10, &c);
	while (c == ' ')
		c = maps_character(reader);
	for (; c >= 0 && c != '\n'; c = maps_character(reader))
		if (length < sizeof(ret->name) - 1)
			ret->name[length++] = (char)c;
	ret->name[length] = 0;
	return c >= 0;
}

#endif
