/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With UNEXEC_STDIN_OFFSET, a dump that is started with the same file on standard input continues
 * with the line after the last one that the program has taken, although stdio had read further. By
 * default, and with another file, it reads from the place where its starter has put the file.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define LINES 10000
#define TAKEN 1234

static const char *input; /* opened by prepare() */

static void open_input(void)
{
	int fd = open(input, O_RDONLY);

	CHECK(fd >= 0);
	CHECK(dup2(fd, 0) == 0);
	if (fd)
		close(fd);
}

static void make_file(const char *path, int count)
{
	FILE *file = fopen(path, "w");

	for (int i = 1; i <= count; i++)
		fprintf(file, "%d\n", i);
	CHECK(!fclose(file));
}

static int next_line(void)
{
	char line[16];

	return fgets(line, sizeof(line), stdin) ? atoi(line) : -1;
}

/* The file "first" holds the bytes that the dump reads first. */
static int first_of_start(const char *dump, const char *first)
{
	char *text;
	int number;

	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .prepare = open_input }), 0);
	text = roundtrip_read(first);
	number = atoi(text);
	free(text);
	return number;
}

static void tell(const char *first)
{
	FILE *file = fopen(first, "w");

	CHECK(file);
	fprintf(file, "%d\n", next_line());
	fclose(file);
	_exit(0);
}

static void cut(const char *path, const char *first, enum unexec_stdin policy)
{
	const struct unexec_options options = { .size = sizeof(options),
						.standard_input = policy };

	if (roundtrip_dump(path, &options) == UNEXEC_RESUMED)
		tell(first);
}

int main(void)
{
	char *offset, *inherit, *first, *file, *other;

	roundtrip_begin();
	offset = roundtrip_path("offset");
	inherit = roundtrip_path("inherit");
	first = roundtrip_path("first");
	file = roundtrip_path("file");
	other = roundtrip_path("other");
	make_file(file, LINES);
	make_file(other, 10);
	input = file;
	open_input();
	for (int i = 1; i <= TAKEN; i++)
		CHECK_EQUAL(next_line(), i);
	cut(offset, first, UNEXEC_STDIN_OFFSET);
	cut(inherit, first, UNEXEC_STDIN_INHERIT);
	CHECK_EQUAL(first_of_start(offset, first), TAKEN + 1);
	CHECK_EQUAL(first_of_start(inherit, first), 1);
	input = other;
	CHECK_EQUAL(first_of_start(offset, first), 1);
	input = "/dev/null";
	CHECK_EQUAL(first_of_start(offset, first), -1);
	/* The original has lost nothing. */
	for (int i = TAKEN + 1; i <= LINES; i++)
		CHECK_EQUAL(next_line(), i);
	CHECK_EQUAL(next_line(), -1);
	return 0;
}
