/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The option that sets the policy for standard input, for all verbs that dump a process.
 */
#ifndef CLI_INPUT_OPTION_H
#define CLI_INPUT_OPTION_H

#include "cli/options.h"
#include "sources/pid.h"

/* In the order of enum unexec_stdin. */
#define INPUT_POLICIES "inherit offset"

/* An entry of the table of a verb whose struct `type` has a struct pid_options `member`. */
#define INPUT_OPTION(type, member) \
	{ "stdin", 0, "POLICY", INPUT_POLICIES, \
	  "set the policy for a regular file on standard input: offset\n" \
	  "(the default: a start with the same file continues at the\n" \
	  "offset that it has now); inherit (at that of the start)", \
	  input_take_policy, offsetof(type, member.standard_input) }

int input_take_policy(void *policy, const char *argument, struct report *report);

#endif
