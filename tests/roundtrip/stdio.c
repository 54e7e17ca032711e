/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard streams are the new process's, independent of their kind at the dump (file, pipe,
 * terminal): written output is not printed again, input that was read ahead is dropped, and
 * buffering suits the new file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../lib/close_from.h"
#include "../lib/roundtrip.h"

enum kind { A_FILE, A_PIPE, A_TERMINAL, KINDS };
static const char *const kind_names[] = { "file", "pipe", "terminal" };
static enum kind started_on;

/* A place to write to: the writer uses `theirs`, the test reads the result from `ours`. */
struct place {
	int ours, theirs;
};

static struct place open_place(enum kind kind)
{
	struct place place;
	struct termios mode;
	int both[2];

	if (kind == A_FILE) {
		char *path = roundtrip_path("output");

		place.theirs = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		place.ours = open(path, O_RDONLY);
	} else if (kind == A_PIPE) {
		CHECK(!pipe(both));
		place.ours = both[0];
		place.theirs = both[1];
	} else {
		if (openpty(&place.ours, &place.theirs, NULL, NULL, NULL))
			roundtrip_skip("no pseudo-terminals");
		tcgetattr(place.theirs, &mode);
		cfmakeraw(&mode);
		tcsetattr(place.theirs, TCSANOW, &mode);
	}
	CHECK(place.ours >= 0 && place.theirs >= 0);
	return place;
}

/* Makes standard input a file or a pipe with two lines. */
static void give_input(enum kind kind, const char *text)
{
	int both[2];

	if (kind == A_FILE) {
		char *path = roundtrip_path("input");

		both[1] = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		both[0] = open(path, O_RDONLY);
	} else {
		CHECK(!pipe(both));
	}
	CHECK(write(both[1], text, strlen(text)) == (ssize_t)strlen(text));
	dup2(both[0], 0);
	close(both[0]);
	close(both[1]);
}

/* Runs in the dump. */
static int resumed(char **argv)
{
	char line[100];

	started_on = (enum kind)(argv[1][0] - '0');
	CHECK(fgets(line, sizeof(line), stdin));
	CHECK_STRING(line, "new line 1\n");
	CHECK(fgets(line, sizeof(line), stdin));
	CHECK_STRING(line, "new line 2\n");
	CHECK(!fgets(line, sizeof(line), stdin) && feof(stdin));
	printf("after\n");
	CHECK_EQUAL(__flbf(stdout) != 0, started_on == A_TERMINAL);
	CHECK_EQUAL(__fpending(stdout), started_on == A_TERMINAL ? 0 : strlen("after\n"));
	fprintf(stderr, "message");
	CHECK_EQUAL(__fpending(stderr), 0);
	printf("end\n");
	return 0;
}

/* Dumps this process with standard output on a place of one kind, and returns in the dump. */
static int dumping(const char *dump, enum kind kind)
{
	char line[100], **argv;
	int argc;

	give_input(kind == A_FILE ? A_FILE : A_PIPE, "old line 1\nold line 2\nold line 3\n");
	CHECK(fgets(line, sizeof(line), stdin));
	CHECK_STRING(line, "old line 1\n");
	printf("before, whole line\nbefore, no end ");
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		unexec_arguments(&argc, &argv, NULL);
		return resumed(argv);
	}
	printf("original\n");
	return 0;
}

/* Runs a step in a child on a place and returns its output. */
static char *output_of(enum kind kind, const char *dump, enum kind dumped_on, bool start)
{
	struct place place = open_place(kind);
	const char number[2] = { (char)('0' + kind), 0 };
	char *text;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(place.theirs, 1);
		if (start) {
			give_input(dumped_on == A_FILE ? A_PIPE : A_FILE,
				   "new line 1\nnew line 2\n");
			execl(dump, "dump", number, (char *)NULL);
			_exit(1);
		}
		close_from(3);
		exit(dumping(dump, dumped_on));
	}
	close(place.theirs);
	if (kind == A_FILE) {
		CHECK(waitpid(pid, &status, 0) == pid);
		text = roundtrip_drain(place.ours);
	} else {
		text = roundtrip_drain(place.ours);
		CHECK(waitpid(pid, &status, 0) == pid);
	}
	close(place.ours);
	if (status)
		fprintf(stderr, "dumped on a %s, started on a %s\n", kind_names[dumped_on],
			start ? kind_names[kind] : "-");
	CHECK_EQUAL(status, 0);
	return text;
}

int main(void)
{
	char *dump;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	for (int dumped = 0; dumped < KINDS; dumped++) {
		CHECK_STRING(output_of((enum kind)dumped, dump, (enum kind)dumped, false),
			     "before, whole line\nbefore, no end original\n");
		for (int started = 0; started < KINDS; started++)
			CHECK_STRING(output_of((enum kind)started, dump,
					       (enum kind)dumped, true), "after\nend\n");
	}
	return 0;
}
