/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The option that says what becomes of descriptors, for all verbs that dump a process.
 */
#ifndef CLI_DESCRIPTOR_OPTIONS_H
#define CLI_DESCRIPTOR_OPTIONS_H

#include "sources/pid.h"

#define DESCRIPTOR_HELP \
	"      --fd=[NUMBER=]WHAT  descriptors that cannot be made again, or that one, become:\n" \
	"                     close, null (/dev/null), keep (the starter's), recreate (default)\n"

/* Takes its argument; -1: it is wrong. options->policies is to be freed. */
int descriptor_option(struct pid_options *options, const char *argument);

#endif
