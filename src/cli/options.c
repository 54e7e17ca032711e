/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parses, prints and lists the options of a verb.
 */
#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

/* The column of the help texts. */
#define HELP_COLUMN 21

#define TEXT_ROOM 512 /* of a message */
#define OPTIONS_MOST 32
#define FIRST_LONG 256 /* getopt_long() returns this for the first long option */

const struct cli_option options_of_all[] = {
	{ .name = "help", .help = "print this text" },
	{ .name = NULL },
};

/* ---- Printing --------------------------------------------------------------------------- */

static void print_help_text(const char *text, int column)
{
	if (column > HELP_COLUMN - 2) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", HELP_COLUMN - column, "");
	for (; *text; text++)
		if (*text == '\n')
			printf("\n%*s", HELP_COLUMN, "");
		else
			putchar(*text);
	putchar('\n');
}

void options_print(const struct cli_option *options)
{
	for (const struct cli_option *option = options; option->name; option++) {
		int column = option->letter ? printf("  -%c, ", option->letter)
					    : printf("      ");

		column += printf("--%s", option->name);
		if (option->argument)
			column += printf("=%s", option->argument);
		print_help_text(option->help, column);
	}
}

void options_list(const char *verb, const struct cli_option *options)
{
	for (const struct cli_option *option = options; option->name; option++) {
		printf("%s|", verb);
		if (option->letter)
			printf("-%c ", option->letter);
		printf("--%s|%s|%s|", option->name, option->argument ? option->argument : "",
		       option->values ? option->values : "");
		for (const char *text = option->help; *text; text++)
			putchar(*text == '\n' ? ' ' : *text);
		putchar('\n');
	}
}

static void print_verb_help(const struct cli_verb *verb)
{
	printf("Usage: unexec %s [OPTION]… %s\n%s\n", verb->name, verb->usage,
	       verb->description);
	options_print(verb->options);
	options_print(options_of_all);
	if (verb->notes)
		printf("\n%s", verb->notes);
}

/* ---- Wrong usage ------------------------------------------------------------------------ */

int options_wrong(const struct cli_verb *verb, const char *format, ...)
{
	char text[TEXT_ROOM];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	report_line(NULL, UNEXEC_ERROR, "%s; try 'unexec %s --help'", text, verb->name);
	return CLI_USAGE;
}

/* Makes "auto, lazy or copy" of "auto lazy copy". */
static void join_values(const char *values, char text[TEXT_ROOM])
{
	const char *last = strrchr(values, ' ');
	size_t length = 0;

	for (; *values && length + sizeof(" or ") < TEXT_ROOM; values++) {
		const char *separator = values == last ? " or " : ", ";

		if (*values == ' ')
			length += (size_t)sprintf(text + length, "%s", separator);
		else
			text[length++] = *values;
	}
	text[length] = '\0';
}

static int report_value(const struct cli_verb *verb, const struct cli_option *option,
			const char *argument)
{
	char values[TEXT_ROOM];

	join_values(option->values, values);
	return options_wrong(verb, "--%s=%s: %s is %s", option->name, argument,
			     option->argument, values);
}

/* A context for the reports of `take`. */
struct taking {
	const struct cli_verb *verb;
	const struct cli_option *option;
	const char *argument;
};

static void report_taking(void *context, const struct unexec_diagnostic *diagnostic)
{
	const struct taking *taking = context;

	options_wrong(taking->verb, "--%s=%s: %s", taking->option->name, taking->argument,
		      diagnostic->text);
}

/* ---- Parsing ---------------------------------------------------------------------------- */

int options_find(const char *values, const char *word)
{
	size_t length = strlen(word);
	int index = 0;

	for (; *values; index++) {
		size_t end = strcspn(values, " ");

		if (end == length && !memcmp(values, word, length))
			return index;
		values += end + !!values[end];
	}
	return -1;
}

int options_take_flag(void *target, const char *argument, struct report *report)
{
	(void)argument;
	(void)report;
	*(bool *)target = true;
	return 0;
}

int options_take_string(void *target, const char *argument, struct report *report)
{
	(void)report;
	*(const char **)target = argument;
	return 0;
}

/* A table in the form that getopt_long() takes. */
struct spelling {
	char letters[2 * OPTIONS_MOST + 4];
	struct option options[OPTIONS_MOST + 2];
};

static void spell(const struct cli_verb *verb, struct spelling *spelling)
{
	char *letter = spelling->letters;
	size_t i = 0;

	memset(spelling, 0, sizeof(*spelling));
	if (verb->command)
		*letter++ = '+';
	*letter++ = ':';
	*letter++ = 'h';
	spelling->options[0] = (struct option){ "help", no_argument, NULL, 'h' };
	for (const struct cli_option *option = verb->options; option->name; option++) {
		assert(i < OPTIONS_MOST);
		spelling->options[++i] = (struct option){
			option->name, option->argument ? required_argument : no_argument, NULL,
			FIRST_LONG + (int)(option - verb->options),
		};
		if (!option->letter)
			continue;
		*letter++ = option->letter;
		if (option->argument)
			*letter++ = ':';
	}
}

/* `value` is what getopt_long() returned; NULL: it is none of the verb's options. */
static const struct cli_option *find_option(const struct cli_verb *verb, int value)
{
	if (value >= FIRST_LONG)
		return verb->options + (value - FIRST_LONG);
	for (const struct cli_option *option = verb->options; option->name; option++)
		if (value && option->letter == value)
			return option;
	return NULL;
}

/* After getopt_long() returned ':' or '?'. */
static int report_unknown(const struct cli_verb *verb, int value, char **argv)
{
	const struct cli_option *option = find_option(verb, optopt);

	if (option && value == ':')
		return options_wrong(verb, "option --%s needs an argument, %s", option->name,
				     option->argument);
	if (option || optopt == 'h')
		return options_wrong(verb, "option --%s takes no argument",
				     option ? option->name : "help");
	if (optopt)
		return options_wrong(verb, "there is no option -%c", optopt);
	return options_wrong(verb, "there is no option %s", argv[optind - 1]);
}

static int take_option(const struct cli_verb *verb, void *target, int value, char **argv)
{
	const struct cli_option *option = find_option(verb, value);
	struct taking taking = { verb, option, optarg };
	struct report report = { .sink = report_taking, .context = &taking };

	if (!option)
		return report_unknown(verb, value, argv);
	if (!option->take((char *)target + option->offset, optarg, &report))
		return CLI_OK;
	return report.status ? CLI_USAGE : report_value(verb, option, optarg);
}

static int check_operands(const struct cli_verb *verb, int count)
{
	int wanted = verb->operands ? verb->operands : 1;

	if (count < wanted)
		return options_wrong(verb, count ? "the second %s is missing" : "%s is missing",
				     verb->operand);
	if (count > wanted && !verb->command)
		return options_wrong(verb, wanted == 1 ? "only one %s can be given"
						       : "only two of %s can be given",
				     verb->operand);
	return CLI_OK;
}

bool options_parse(const struct cli_verb *verb, void *target, int *argc, char ***argv,
		   int *ret_status)
{
	struct spelling spelling;
	int value, status = CLI_OK;

	spell(verb, &spelling);
	opterr = 0;
	while (status == CLI_OK
	       && (value = getopt_long(*argc, *argv, spelling.letters, spelling.options, NULL))
			  != -1) {
		if (value == 'h') {
			print_verb_help(verb);
			*ret_status = CLI_OK;
			return false;
		}
		status = take_option(verb, target, value, *argv);
	}
	*argc -= optind;
	*argv += optind;
	if (status == CLI_OK)
		status = check_operands(verb, *argc);
	*ret_status = status;
	return status == CLI_OK;
}
