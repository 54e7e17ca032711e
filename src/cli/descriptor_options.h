/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The option that sets the policy for descriptors, for all verbs that dump a process.
 */
#ifndef CLI_DESCRIPTOR_OPTIONS_H
#define CLI_DESCRIPTOR_OPTIONS_H

#include "cli/options.h"
#include "sources/pid.h"

/* An entry of the table of a verb whose struct `type` has a struct pid_options `member`. Its
 * `policies` are to be freed. */
#define DESCRIPTOR_OPTION(type, member) \
	{ "fd", 0, "[NUMBER=]POLICY", "close null keep hangup recreate", \
	  "set the policy for descriptors that cannot be recreated,\n" \
	  "or for descriptor NUMBER: close; null (open /dev/null);\n" \
	  "keep (inherit it at start); hangup (a connection that its\n" \
	  "peer has closed); recreate (the default: recreate it, or\n" \
	  "refuse to dump)", descriptor_take_policy, offsetof(type, member) }

int descriptor_take_policy(void *options, const char *argument, struct report *report);

#endif
