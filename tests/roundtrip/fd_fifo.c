/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Named pipes with both ends in the process keep their content; one whose name was deleted, too. A
 * dump does not put the content into a named pipe that another process reads. One end is opened
 * by name if the program asks for that.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int reading, writing, both, deleted, wanted;
static char *in_use, *path;

static int open_fifo(const char *name, int flags)
{
	int fd = open(roundtrip_path(name), flags);

	CHECK(fd > 2);
	return fd;
}

static void set_up(void)
{
	const char *const names[] = { "pair", "both", "deleted", "wanted" };

	for (int i = 0; i < 4; i++)
		CHECK(!mkfifo(roundtrip_path(names[i]), 0600));
	reading = open_fifo("pair", O_RDONLY | O_NONBLOCK);
	writing = open_fifo("pair", O_WRONLY | O_CLOEXEC);
	both = open_fifo("both", O_RDWR | O_NONBLOCK);
	deleted = open_fifo("deleted", O_RDWR);
	wanted = open_fifo("wanted", O_RDONLY | O_NONBLOCK);
	CHECK(!unlink(roundtrip_path("deleted")));
	CHECK_EQUAL(write(writing, "pair", 4), 4);
	CHECK_EQUAL(write(both, "both", 4), 4);
	CHECK_EQUAL(write(deleted, "deleted", 7), 7);
	CHECK_EQUAL(fcntl(both, F_SETPIPE_SZ, 1 << 17), 1 << 17);
	CHECK(!unexec_set_fd_policy(wanted, UNEXEC_FD_RECREATE));
	in_use = roundtrip_path("pair");
}

/* In the original: the start would give the content to it. Before that, it refuses to start. */
static void let_go(int status, void *unused)
{
	const struct roundtrip how = { .prepare = NULL };
	int messages[2], started;
	char text[400] = "";

	(void)unused;
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	CHECK(!pipe(messages));
	if (!fork()) {
		dup2(messages[1], 2);
		_exit(roundtrip_run(path, &how));
	}
	wait(&started);
	CHECK_EQUAL(WEXITSTATUS(started), 125);
	CHECK(read(messages[0], text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "cannot restore the content of a named pipe that another process reads: ")
	      && strstr(text, in_use));
	close(messages[0]);
	close(messages[1]);
	close(reading);
	close(writing);
	close(both);
}

static int flags_of(int fd)
{
	return fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK);
}

static void check_text(int fd, const char *expected)
{
	char text[20] = "";

	CHECK_EQUAL(read(fd, text, sizeof(text) - 1), strlen(expected));
	CHECK_STRING(text, expected);
}

int main(void)
{
	struct stat status;
	int other;

	roundtrip_begin();
	set_up();
	path = roundtrip_path("dump");
	CHECK(!unexec_on_dumped(let_go, NULL));
	if (roundtrip_dump(path, NULL) == UNEXEC_DUMPED)
		return roundtrip_run(path, &(struct roundtrip){ .prepare = NULL });
	CHECK_EQUAL(flags_of(reading), O_RDONLY | O_NONBLOCK);
	CHECK_EQUAL(flags_of(writing), O_WRONLY);
	CHECK_EQUAL(fcntl(writing, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(flags_of(both), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(flags_of(deleted), O_RDWR);
	CHECK_EQUAL(fcntl(both, F_GETPIPE_SZ), 1 << 17);
	check_text(reading, "pair");
	check_text(both, "both");
	check_text(deleted, "deleted");
	CHECK_EQUAL(write(deleted, "more", 4), 4);
	check_text(deleted, "more");
	/* They are the named ones. */
	other = open_fifo("pair", O_WRONLY | O_NONBLOCK);
	CHECK_EQUAL(write(other, "named", 5), 5);
	check_text(reading, "named");
	other = open_fifo("wanted", O_WRONLY | O_NONBLOCK);
	CHECK_EQUAL(write(other, "wanted", 6), 6);
	check_text(wanted, "wanted");
	CHECK(!fstat(wanted, &status) && S_ISFIFO(status.st_mode));
	return 0;
}
