/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors that were open before main are the starter's: a dump has those that its own starter
 * leaves open, also a dump of a dump. What the program has put in their place is its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define PIPE 9       /* inherited: its other end is outside */
#define FILE_OLD 10  /* inherited; the program wants it back as it is */
#define REPLACED 11  /* inherited, and replaced by a file of the program */
#define DUPLICATE 12 /* of PIPE, made by the program */
#define SET 13       /* an epoll set that watches PIPE */
#define LEFT 14      /* inherited by the dump alone */

static char *path;

static void put(int descriptor, int number)
{
	CHECK_EQUAL(dup2(descriptor, number), number);
	close(descriptor);
}

/* What the program has when it is started, and its dump: nothing but a pipe with a text. */
static void leave_pipe(const char *text, int number)
{
	int ends[2];

	CHECK(!pipe(ends));
	CHECK_EQUAL(write(ends[1], text, strlen(text)), strlen(text));
	put(ends[0], number);
	close(ends[1]);
}

static void leave_to_dump(void)
{
	leave_pipe("dump", PIPE);
	leave_pipe("left", LEFT);
	close(FILE_OLD);
	close(REPLACED);
	close(DUPLICATE);
	close(SET);
}

static void leave_nothing(void)
{
	for (int number = PIPE; number <= LEFT; number++)
		close(number);
}

static void make_file(const char *name, const char *text, int number)
{
	FILE *file = fopen(name, "w");

	CHECK(file);
	fputs(text, file);
	fclose(file);
	put(open(name, O_RDONLY), number);
}

static void check_text(int number, const char *expected)
{
	char text[20] = "";

	CHECK(read(number, text, sizeof(text) - 1) > 0);
	CHECK_STRING(text, expected);
}

static bool has_note(const struct unexec_report *report, const char *text)
{
	struct unexec_diagnostic diagnostic;

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		if (diagnostic.severity == UNEXEC_NOTE && strstr(diagnostic.text, text))
			return true;
	return false;
}

/* Returns in the dump, which is started with the descriptors that `leave` makes. */
static void dump(const char *note, void (*leave)(void))
{
	struct unexec_report *report = unexec_report_new();
	int status = unexec_dump(path, NULL, report);

	if (status == UNEXEC_RESUMED)
		return;
	if (status != UNEXEC_DUMPED)
		unexec_report_print(report, stderr);
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	CHECK(has_note(report, note));
	_exit(roundtrip_run(path, &(struct roundtrip){ .prepare = leave }));
}

static int be_program(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 77 };

	make_file("program", "program", REPLACED);
	CHECK_EQUAL(dup2(PIPE, DUPLICATE), DUPLICATE);
	put(epoll_create1(0), SET);
	CHECK(!epoll_ctl(SET, EPOLL_CTL_ADD, PIPE, &event));
	CHECK(!unexec_set_fd_policy(FILE_OLD, UNEXEC_FD_RECREATE));

	dump("descriptor 9 (pipe:", leave_to_dump);
	CHECK_EQUAL(epoll_wait(SET, &event, 1, 0), 1);
	CHECK_EQUAL(event.data.u64, 77);
	check_text(DUPLICATE, "dump");
	check_text(FILE_OLD, "starter");
	check_text(REPLACED, "program");
	CHECK_EQUAL(lseek(REPLACED, 0, SEEK_SET), 0);
	dump("descriptor 14 (pipe:", leave_nothing);
	CHECK_EQUAL(read(PIPE, &event, 1), -1);
	CHECK_EQUAL(errno, EBADF);
	check_text(REPLACED, "program");
	CHECK_EQUAL(fcntl(DUPLICATE, F_GETFD), -1);
	CHECK_EQUAL(fcntl(LEFT, F_GETFD), -1);
	CHECK_EQUAL(epoll_wait(SET, &event, 1, 0), 0);
	return 0;
}

int main(int argc, char **argv)
{
	int ends[2], status;

	if (argc == 2) {
		path = argv[1];
		return be_program();
	}
	roundtrip_begin();
	path = roundtrip_path("dump");
	CHECK(!pipe(ends));
	if (!fork()) {
		char *arguments[] = { argv[0], path, NULL };

		CHECK(!chdir(roundtrip_path("")));
		put(ends[0], PIPE);
		close(ends[1]); /* not in the parent */
		make_file("starter", "starter", FILE_OLD);
		make_file("other", "other", REPLACED);
		execv("/proc/self/exe", arguments);
		_exit(99);
	}
	wait(&status);
	return WEXITSTATUS(status);
}
