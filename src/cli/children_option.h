/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The option that sets the policy for children, for all verbs that dump a process.
 */
#ifndef CLI_CHILDREN_OPTION_H
#define CLI_CHILDREN_OPTION_H

#include "cli/options.h"
#include "sources/pid.h"

/* In the order of enum unexec_children. */
#define CHILDREN_POLICIES "refuse ignore"

/* An entry of the table of a verb whose struct `type` has a struct pid_options `member`. */
#define CHILDREN_OPTION(type, member) \
	{ "children", 0, "POLICY", CHILDREN_POLICIES, \
	  "set the policy for children of the process: refuse (the\n" \
	  "default: refuse to dump); ignore (the dump lacks them)", \
	  children_take_policy, offsetof(type, member.children) }

int children_take_policy(void *policy, const char *argument, struct report *report);

#endif
