/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pseudo-terminal with both ends in the process is made again with its modes, its window size and
 * the flags of each end, and carries data in both directions. One whose other end was closed has
 * hung up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int master, slave, again, hung_up, packets[2];

static void set_up(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 101 };
	struct termios raw;
	int on = 1, closed;

	CHECK(!openpty(&master, &slave, NULL, NULL, &size));
	CHECK(!tcgetattr(slave, &raw));
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 7;
	CHECK(!tcsetattr(slave, TCSANOW, &raw));
	CHECK(!fcntl(master, F_SETFD, FD_CLOEXEC) && !fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK));
	again = open(ttyname(slave), O_RDONLY | O_NOCTTY | O_NONBLOCK);
	CHECK(again > 2);
	CHECK(!openpty(&hung_up, &closed, NULL, NULL, NULL));
	close(closed);
	/* The end has the lower number. */
	CHECK(!openpty(&packets[1], &packets[0], NULL, NULL, NULL));
	CHECK(!ioctl(packets[1], TIOCPKT, &on));
	CHECK_EQUAL(fcntl(packets[1], F_DUPFD, 50), 50);
	close(packets[1]);
	packets[1] = 50;
}

static void check_text(int from, int to, const char *text)
{
	char got[20] = "";

	CHECK_EQUAL(write(from, text, strlen(text)), strlen(text));
	CHECK_EQUAL(read(to, got, sizeof(got) - 1), strlen(text));
	CHECK_STRING(got, text);
}

static void check_modes(void)
{
	struct winsize size;
	struct termios modes;

	CHECK(!tcgetattr(slave, &modes));
	CHECK_EQUAL(modes.c_lflag & (ICANON | ECHO), 0);
	CHECK_EQUAL(modes.c_cc[VMIN], 7);
	CHECK(!ioctl(slave, TIOCGWINSZ, &size));
	CHECK_EQUAL(size.ws_row, 33);
	CHECK_EQUAL(size.ws_col, 101);
	CHECK_EQUAL(fcntl(master, F_GETFD), FD_CLOEXEC);
	CHECK_EQUAL(fcntl(master, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR | O_NONBLOCK);
	CHECK_EQUAL(fcntl(again, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
}

int main(void)
{
	struct pollfd ended = { .events = POLLIN };
	char text[10];

	roundtrip_begin();
	set_up();
	if (unexec_generation() == 0)
		roundtrip_cut();
	if (!getenv("UNEXEC_TEST_BY_PID"))
		roundtrip_cut(); /* a dump of the dump */
	check_modes();
	check_text(slave, master, "to the master");
	check_text(master, slave, "to the slave");
	check_text(master, again, "and again");
	ended.fd = hung_up;
	CHECK_EQUAL(poll(&ended, 1, 0), 1);
	CHECK(ended.revents & POLLHUP);
	CHECK_EQUAL(read(hung_up, text, 1), -1);
	CHECK_EQUAL(errno, EIO);
	CHECK_EQUAL(write(packets[0], "x", 1), 1);
	CHECK_EQUAL(read(packets[1], text, sizeof(text)), 2);
	CHECK_EQUAL(text[0], TIOCPKT_DATA);
	CHECK_EQUAL(text[1], 'x');
	return 0;
}
