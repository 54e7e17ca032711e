/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A warning names each descriptor that has a receiver of signals: F_SETOWN (SIGURG, SIGIO), and
 * F_NOTIFY of a directory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

/* The number of warnings about the descriptor with the text. */
static int count_warnings(const struct unexec_report *report, int descriptor, const char *text)
{
	struct unexec_diagnostic diagnostic;
	char name[32];
	int found = 0;

	snprintf(name, sizeof(name), "descriptor %d ", descriptor);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.severity == UNEXEC_WARNING
			 && diagnostic.code == UNEXEC_CODE_DESCRIPTOR
			 && strstr(diagnostic.text, name) && strstr(diagnostic.text, text);
	return found;
}

int main(void)
{
	struct unexec_report *report = unexec_report_new();
	int pair[2], directory, plain, path_only;

	roundtrip_begin();
	signal(SIGRTMIN, SIG_IGN);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(!fcntl(pair[0], F_SETOWN, getpid()));
	directory = open("/", O_RDONLY | O_DIRECTORY);
	CHECK(!fcntl(directory, F_SETSIG, SIGRTMIN));
	CHECK(!fcntl(directory, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	plain = open("/", O_RDONLY | O_DIRECTORY);
	path_only = open("/", O_PATH);
	if (unexec_dump(roundtrip_path("dump"), NULL, report) == UNEXEC_RESUMED)
		return 0;
	unexec_report_print(report, stderr);
	CHECK_EQUAL(count_warnings(report, pair[0], "no signal is sent for it"), 1);
	CHECK_EQUAL(count_warnings(report, pair[1], ""), 0);
	CHECK_EQUAL(count_warnings(report, directory, "F_NOTIFY"), 1);
	CHECK_EQUAL(count_warnings(report, plain, ""), 0);
	CHECK_EQUAL(count_warnings(report, path_only, ""), 0);
	return 0;
}
