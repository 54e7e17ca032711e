/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The option that accepts the loss of a protection, for all verbs that dump a process.
 */
#ifndef CLI_LOSE_OPTION_H
#define CLI_LOSE_OPTION_H

#include "cli/options.h"
#include "sources/pid.h"

#define LOSE_NAMES "seccomp dispatch mdwe mseal securebits rights"

/* An entry of the table of a verb whose struct `type` has a struct pid_options `member`. */
#define LOSE_OPTION(type, member) \
	{ "lose", 0, "NAMES", LOSE_NAMES, \
	  "accept that the dump lacks some protections of the process,\n" \
	  "separated by commas: seccomp, dispatch (syscall user\n" \
	  "dispatch), mdwe, mseal, securebits, rights (given up)", lose_take, offsetof(type, member.lose) }

int lose_take(void *set, const char *argument, struct report *report);

#endif
