/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Regular files are open again under the same numbers, at their offsets, with their flags, and
 * streams on them continue in the middle.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *make(const char *name)
{
	char *path = roundtrip_path(name);
	FILE *stream = fopen(path, "w");

	for (int i = 0; i < 3000; i++)
		fprintf(stream, "line %d\n", i);
	fclose(stream);
	return path;
}

static int at(int fd, off_t offset)
{
	CHECK(fd > 2);
	CHECK_EQUAL(lseek(fd, offset, SEEK_SET), offset);
	return fd;
}

static void check_reading(int fd)
{
	char text[7] = "";

	CHECK_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDONLY);
	CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 14);
	CHECK_EQUAL(read(fd, text, 6), 6);
	CHECK_STRING(text, "line 2");
}

static void check_writing(int fd, const char *path)
{
	CHECK_EQUAL(fcntl(fd, F_GETFD), 0);
	CHECK_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR);
	CHECK_EQUAL(lseek(fd, 0, SEEK_CUR), 7);
	CHECK_EQUAL(write(fd, "LINE", 4), 4);
	CHECK(!strncmp(roundtrip_read(path), "line 0\nLINE 1\nline 2\n", 21));
}

static void check_appending(int fd, const char *path)
{
	CHECK_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_WRONLY | O_APPEND);
	CHECK_EQUAL(write(fd, "the end", 7), 7);
	CHECK_STRING(strstr(roundtrip_read(path), "line 2999"), "line 2999\nthe end");
}

static void check_streams(FILE *in, FILE *out, const char *path)
{
	char line[100];

	for (int i = 100; i < 3000; i++) {
		char expected[100];

		snprintf(expected, sizeof(expected), "line %d\n", i);
		CHECK(fgets(line, sizeof(line), in));
		CHECK_STRING(line, expected);
	}
	CHECK(!fgets(line, sizeof(line), in));
	fprintf(out, "second\n");
	CHECK_EQUAL(fclose(out), 0);
	CHECK_STRING(roundtrip_read(path), "first\nsecond\n");
}

int main(void)
{
	char *read_path, *write_path, *append_path, *stream_path, line[100];
	int reader, writer, appender, high;
	FILE *in, *out;

	roundtrip_begin();
	read_path = make("read file with spaces");
	write_path = make("write");
	append_path = make("append");
	stream_path = roundtrip_path("stream");
	reader = at(open(read_path, O_RDONLY | O_CLOEXEC), 14);
	writer = at(open(write_path, O_RDWR | O_CREAT, 0600), 7);
	appender = at(open(append_path, O_WRONLY | O_APPEND), 3);
	high = fcntl(reader, F_DUPFD_CLOEXEC, 300);
	in = fopen(read_path, "r");
	out = fopen(stream_path, "w");
	for (int i = 0; i < 100; i++)
		CHECK(fgets(line, sizeof(line), in));
	fprintf(out, "first\n");
	roundtrip_cut();
	check_reading(reader);
	check_writing(writer, write_path);
	check_appending(appender, append_path);
	CHECK_EQUAL(high, 300);
	CHECK_EQUAL(fcntl(high, F_GETFD), FD_CLOEXEC);
	check_streams(in, out, stream_path);
	/* Nothing else is open. */
	CHECK_EQUAL(open("/dev/null", O_RDONLY), fileno(in) + 1);
	return 0;
}
