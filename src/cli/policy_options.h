/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options whose argument is one of a few words, for the verbs that dump: the policies for state
 * that can be the process's or the starter's.
 */
#ifndef CLI_POLICY_OPTIONS_H
#define CLI_POLICY_OPTIONS_H

#include "cli/options.h"

/* In the order of enum unexec_environment. */
#define ENVIRONMENT_POLICIES "merge new keep"

/* An entry of the table of a verb whose struct `type` has the policy as `member`, a uint32_t. */
#define ENVIRONMENT_OPTION(type, member) \
	{ "env", 0, "POLICY", ENVIRONMENT_POLICIES, \
	  "set the policy for the environment of a start: merge (the\n" \
	  "default: its own, with the program's changes laid on top),\n" \
	  "new (its own), keep (the program's)", \
	  policy_take_environment, offsetof(type, member) }

/* In the order of enum unexec_files. */
#define FILES_POLICIES "name same any truncate"

#define FILES_OPTION(type, member) \
	{ "files", 0, "POLICY", FILES_POLICIES, \
	  "set the policy for open files that have changed when the dump\n" \
	  "starts: name (the default: print their names), same (do not\n" \
	  "start), any (nothing; a missing one is /dev/null), truncate\n" \
	  "(to the size at the dump, if open for writing)", \
	  policy_take_files, offsetof(type, member) }

int policy_take_files(void *policy, const char *argument, struct report *report);
/* In the order of enum unexec_directory. */
#define DIRECTORY_POLICIES "inherit keep"

/* `text` describes the default. */
#define DIRECTORY_OPTION(type, member, text) \
	{ "cwd", 0, "POLICY", DIRECTORY_POLICIES, \
	  "set the policy for the working directory of a start: inherit\n" \
	  "(the starter's), keep (the process's); default: " text, \
	  policy_take_directory, offsetof(type, member) }

int policy_take_directory(void *policy, const char *argument, struct report *report);
/* In the order of enum unexec_argv0. */
#define ARGV0_POLICIES "new keep"

#define ARGV0_OPTION(type, member) \
	{ "argv0", 0, "POLICY", ARGV0_POLICIES, \
	  "set the policy for the name of the program: new (the default:\n" \
	  "as the start is called), keep (as the program was called)", \
	  policy_take_argv0, offsetof(type, member) }

int policy_take_argv0(void *policy, const char *argument, struct report *report);
int policy_take_environment(void *policy, const char *argument, struct report *report);

#endif
