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

/* What the dump does not have of standard input is a note in the report, and a warning if the
 * program wants its place in the input. */
static void check_report(const char *path, enum unexec_stdin policy, const char *text,
			 enum unexec_severity severity)
{
	const struct unexec_options options = { .size = sizeof(options),
						.standard_input = policy };
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	bool found = false;

	CHECK_EQUAL(unexec_dump(path, &options, report), UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found = found || (strstr(diagnostic.text, text)
				  && diagnostic.severity == severity);
	if (!found)
		unexec_report_print(report, stderr);
	CHECK(found);
	unexec_report_free(report);
}

static void check_pipe(const char *path)
{
	static const char ahead[] = "2 bytes that stdin had read ahead are not in the dump";
	static const char unread[] = "3 bytes in the pipe on standard input are not in the dump";
	int ends[2];

	CHECK(!pipe(ends));
	CHECK_EQUAL(dup2(ends[0], 0), 0);
	close(ends[0]);
	clearerr(stdin);
	CHECK_EQUAL(write(ends[1], "1\n2\n", 4), 4);
	CHECK_EQUAL(next_line(), 1);
	CHECK_EQUAL(write(ends[1], "33\n", 3), 3);
	CHECK(!unexec_set_fd_policy(ends[1], UNEXEC_FD_CLOSE));
	check_report(path, UNEXEC_STDIN_INHERIT, ahead, UNEXEC_NOTE);
	check_report(path, UNEXEC_STDIN_INHERIT, unread, UNEXEC_NOTE);
	check_report(path, UNEXEC_STDIN_OFFSET, ahead, UNEXEC_WARNING);
	check_report(path, UNEXEC_STDIN_OFFSET, unread, UNEXEC_WARNING);
	CHECK_EQUAL(next_line(), 2);
	CHECK_EQUAL(next_line(), 33);
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
	check_report(first, UNEXEC_STDIN_INHERIT, "a start reads its own", UNEXEC_NOTE);
	check_pipe(first);
	return 0;
}
