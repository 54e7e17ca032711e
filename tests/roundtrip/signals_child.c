/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SA_NOCLDWAIT is preserved with the default action of SIGCHLD: children that end leave nothing to
 * wait for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

int main(void)
{
	const struct sigaction silent = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	struct sigaction action;
	char *path;
	pid_t self, pid;

	roundtrip_begin();
	path = roundtrip_path("dump");
	self = getpid();
	CHECK(!sigaction(SIGCHLD, &silent, NULL));
	roundtrip_dump(path, NULL);
	/* Without children, a dump by PID cannot be distinguished by its status. */
	if (getpid() == self) {
		signal(SIGCHLD, SIG_DFL);
		CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 0);
		return 0;
	}
	CHECK(!sigaction(SIGCHLD, NULL, &action));
	CHECK(action.sa_handler == SIG_DFL);
	CHECK_EQUAL(action.sa_flags & SA_NOCLDWAIT, SA_NOCLDWAIT);
	pid = fork();
	if (pid == 0)
		_exit(3);
	CHECK_EQUAL(waitpid(pid, NULL, 0), -1);
	CHECK_EQUAL(errno, ECHILD);
	return 0;
}
