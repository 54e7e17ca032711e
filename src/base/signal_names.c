/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of signals. glibc has such a function since 2.32, other libcs have none.
 */
#include <signal.h>
#include <stddef.h>

#include "base/names.h"

const char *signal_name(int number)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",       [SIGINT] = "INT",     [SIGQUIT] = "QUIT",
		[SIGILL] = "ILL",       [SIGTRAP] = "TRAP",   [SIGABRT] = "ABRT",
		[SIGBUS] = "BUS",       [SIGFPE] = "FPE",     [SIGKILL] = "KILL",
		[SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV",   [SIGUSR2] = "USR2",
		[SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM",   [SIGTERM] = "TERM",
		[SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD",   [SIGCONT] = "CONT",
		[SIGSTOP] = "STOP",     [SIGTSTP] = "TSTP",   [SIGTTIN] = "TTIN",
		[SIGTTOU] = "TTOU",     [SIGURG] = "URG",     [SIGXCPU] = "XCPU",
		[SIGXFSZ] = "XFSZ",     [SIGPROF] = "PROF",   [SIGVTALRM] = "VTALRM",
		[SIGWINCH] = "WINCH",   [SIGPOLL] = "POLL",   [SIGPWR] = "PWR",
		[SIGSYS] = "SYS",
	};

	if (number < 0 || (size_t)number >= sizeof(names) / sizeof(*names))
		return NULL;
	return names[number];
}
