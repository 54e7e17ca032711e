/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A start names a file that is missing or has changed, and the caller's option decides if it
 * continues.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *read_path, *write_path;
static int reader, writer, appender;

static void errors_to_file(void)
{
	int fd = open(roundtrip_path("errors"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, 2);
	close(fd);
}

static char *make(const char *name)
{
	char *path = roundtrip_path(name);
	FILE *stream = fopen(path, "w");

	fputs("content", stream);
	fclose(stream);
	return path;
}

/* Returns only in the original; the dump prints the bytes that it can read. */
static char *dump(const char *name, enum unexec_files files)
{
	const struct unexec_options options = { .size = sizeof(options), .files = files };
	char *path = roundtrip_path(name), text[20] = "";

	if (roundtrip_dump(path, &options) == UNEXEC_DUMPED)
		return path;
	CHECK(fcntl(writer, F_GETFL) >= 0);
	CHECK(files != UNEXEC_FILES_NAME || write(appender, "x", 1) == 1);
	_exit(10 + (int)read(reader, text, sizeof(text)));
}

static void expect(const char *path, int status, const char *said)
{
	char *errors;

	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ .prepare = errors_to_file }),
		    status);
	errors = roundtrip_read(roundtrip_path("errors"));
	if (said && !strstr(errors, said))
		fprintf(stderr, "stderr: %s", errors);
	CHECK(said ? strstr(errors, said) != NULL : !*errors);
}

static void append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	CHECK_EQUAL(write(fd, "more", 4), 4);
	close(fd);
}

int main(void)
{
	char *name, *same, *any, *cut;

	roundtrip_begin();
	read_path = make("to be read");
	write_path = make("to be written");
	reader = open(read_path, O_RDONLY);
	writer = open(write_path, O_RDWR);
	CHECK_EQUAL(lseek(writer, 0, SEEK_END), 7);
	appender = open(make("to be appended to"), O_WRONLY | O_APPEND);
	name = dump("name", UNEXEC_FILES_NAME);
	close(appender);
	same = dump("same", UNEXEC_FILES_SAME);
	any = dump("any", UNEXEC_FILES_ANY);
	cut = dump("cut", UNEXEC_FILES_TRUNCATE);
	expect(name, 17, NULL);
	expect(same, 17, NULL);
	expect(any, 17, NULL);
	expect(cut, 17, NULL);
	append(write_path);
	expect(name, 17, "file has changed since the dump: ");
	expect(name, 17, "to be written\n");
	expect(same, 125, "has changed since the dump: ");
	expect(any, 17, NULL);
	expect(cut, 17, NULL);
	CHECK_STRING(roundtrip_read(write_path), "content");
	CHECK(!truncate(write_path, 3));
	expect(name, 17, "shorter than at the dump, and will have a hole: ");
	expect(any, 17, NULL);
	expect(cut, 125, "to be written\n");
	CHECK_STRING(roundtrip_read(write_path), "con");
	write_path = make("to be written");
	append(read_path);
	expect(name, 21, "has changed since the dump: ");
	expect(name, 21, "to be read\n");
	expect(any, 21, NULL);
	unlink(read_path);
	expect(name, 125, "to be read: No such file or directory");
	expect(same, 125, "to be read: No such file or directory");
	expect(any, 10, NULL);
	return 0;
}
