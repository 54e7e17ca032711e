/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unexec(), Emacs's call: 0 and a program that begins with main, or -1 with errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char *lisp;

static void check_error(const char *name, int error)
{
	errno = 0;
	CHECK_EQUAL(unexec(name, "/no/such/file"), -1);
	CHECK_EQUAL(errno, error);
}

static int veto(void *unused)
{
	(void)unused;
	return unexec_generation() == 0;
}

int main(int argc, char **argv)
{
	static const char *const arguments[] = { "emacs", "-batch", NULL };
	int terminal;
	char *dump;

	if (unexec_generation()) {
		CHECK_EQUAL(argc, 2);
		CHECK_STRING(argv[1], "-batch");
		CHECK_STRING(lisp, "loaded");
		return 9;
	}
	roundtrip_begin();
	lisp = strdup("loaded");
	dump = roundtrip_path("emacs");
	check_error(NULL, EINVAL);
	check_error("", EINVAL);
	check_error(roundtrip_path("no-such-directory/emacs"), ENOENT);
	terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	CHECK(terminal > 2);
	check_error(dump, ENOTSUP);
	CHECK(access(dump, F_OK) != 0);
	close(terminal);
	CHECK_EQUAL(unexec(dump, NULL), 0);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = arguments }), 9);
	CHECK_EQUAL(unexec(dump, "/no/such/file"), 0);
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ .arguments = arguments }), 9);
	unexec_on_dump(veto, NULL);
	check_error(dump, EPERM);
	return 0;
}
