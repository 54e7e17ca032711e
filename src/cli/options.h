/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of the verbs. A verb has one table. It drives the parsing, the messages about
 * wrong usage, the text of --help, the completion in shells (through `unexec @options`) and the
 * test that compares the manual (tests/guard/options.sh).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"

struct cli_option {
	const char *name;     /* the long option, without dashes */
	char letter;          /* the short option, or 0 */
	const char *argument; /* its name in --help; NULL: the option takes none */
	const char *values;   /* all words that it can be, separated by spaces; a word that ends
				 in ':' is only a beginning; or NULL */
	const char *help;     /* lines are broken at '\n' */

	/* Takes the argument. 0, or -1 if it is wrong: with an error in the report, or without
	 * one if it is none of the `values`. */
	int (*take)(void *target, const char *argument, struct report *report);
	size_t offset; /* of the target in the verb's struct */
};

struct cli_verb {
	const char *name;
	const char *summary;     /* for `unexec --help` */
	const char *usage;       /* follows the verb and "[OPTION]…" */
	const char *description; /* whole lines */
	const char *notes;       /* after the options: whole lines, or NULL */
	const char *operand;     /* the name of the first argument that is no option */
	int operands;            /* their number; 0: one */
	bool command;            /* all arguments from the operand on are a command */
	const struct cli_option *options; /* ends with a name that is NULL */
	int (*run)(int argc, char **argv); /* returns the exit status */
};

/* Parses the verb's arguments. `target` is the verb's struct. Leaves the operands in *argc and
 * *argv: as many as the verb has, or at least one for a command. Returns false with the exit status if the verb has
 * nothing to do: after --help, or after wrong usage, which it has reported. */
bool options_parse(const struct cli_verb *verb, void *target, int *argc, char ***argv,
		   int *ret_status);

/* Reports wrong usage: "unexec: error: TEXT; try 'unexec VERB --help'". Returns CLI_USAGE. */
int options_wrong(const struct cli_verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The options that every verb has besides its own. */
extern const struct cli_option options_of_all[];

/* Prints the options as --help shows them. */
void options_print(const struct cli_option *options);

/* Prints the options for programs, one a line: "VERB|NAMES|ARGUMENT|VALUES|HELP". */
void options_list(const char *verb, const struct cli_option *options);

/* The index of a word in `values`, or -1. */
int options_find(const char *values, const char *word);

/* For `take`: sets a bool to true; stores the argument in a const char *. */
int options_take_flag(void *target, const char *argument, struct report *report);
int options_take_string(void *target, const char *argument, struct report *report);

#endif
