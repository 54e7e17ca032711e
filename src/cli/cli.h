/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verbs of the unexec program. Each gets its own name as argv[0], answers --help, and
 * returns the exit status: 0, 1 (it could not be done; said on stderr), 2 (wrong usage).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

int cli_dump(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_tune(int argc, char **argv);
int cli_undump(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_write(int argc, char **argv);

#endif
