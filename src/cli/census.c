/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints the census: all of it for the manual and the tests, and to users what a start resets.
 */
#include <stdio.h>

#include "base/report.h"
#include "cli/census.h"
#include "cli/cli.h"
#include "shared/census.h"

#include "arch_census.h"

#define COLUMN(constant, name) GROUP_##constant,
enum group { CENSUS_GROUPS(COLUMN) };
#undef COLUMN

enum start { PRESERVED, RESET, REFUSED, WARNED, UNSEEN };

struct thing {
	enum group group;
	const char *name, *from;
	enum start start;
	const char *text, *seen, *test;
};

#define NAME(constant, name) [GROUP_##constant] = (name),
static const char *const group_names[] = { CENSUS_GROUPS(NAME) };
#undef NAME

static const char *const start_names[] = {
	[PRESERVED] = "preserved", [RESET] = "reset", [REFUSED] = "refused",
	[WARNED] = "lost, with a warning", [UNSEEN] = "lost, not seen",
};

#define THING(group, ...) { GROUP_##group, __VA_ARGS__ },
static const struct thing things[] = { CENSUS(THING) CENSUS_MACHINE(THING) };
#undef THING

#define THINGS (sizeof(things) / sizeof(*things))

#define GROUPS (sizeof(group_names) / sizeof(*group_names))

static void list_group(enum group group)
{
	for (const struct thing *thing = things; thing < things + THINGS; thing++)
		if (thing->group == group)
			printf("%s|%s|%s|%s|%s|%s|%s\n", group_names[group], thing->name,
			       thing->from, start_names[thing->start], thing->text,
			       thing->seen, thing->test);
}

int census_list(void)
{
	for (size_t group = 0; group < GROUPS; group++)
		list_group((enum group)group);
	return CLI_OK;
}

void census_print(void)
{
	for (size_t group = 0; group < GROUPS; group++) {
		printf("%s:\n", group_names[group]);
		for (const struct thing *thing = things; thing < things + THINGS; thing++)
			if (thing->group == group)
				printf("  %-42s%s%s%s\n", thing->name,
				       start_names[thing->start], *thing->text ? ": " : "",
				       thing->text);
	}
}

void census_note_resets(const char *subject)
{
	for (const struct thing *thing = things; thing < things + THINGS; thing++)
		if (thing->start == RESET)
			report_line(subject, UNEXEC_NOTE, "each start resets: %s: %s",
				    thing->name, thing->text);
}
