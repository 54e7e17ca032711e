/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verbs of the unexec program.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/options.h"

/* Exit statuses. FAILED: the verb could not do it and has said why on stderr. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

extern const struct cli_verb cli_diff, cli_dump, cli_info, cli_run, cli_tune, cli_undump, cli_verify;

/* The verb that the library runs: `unexec @write MEM-FD ADDRESS`. */
int cli_write(int argc, char **argv);

#endif
