/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parses WHEN.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "when/when.h"

#define MOST_SECONDS 1e9
#define MOST_CALLS 65535 /* above the number of every system call */

static int refuse_when(struct report *report, const char *why)
{
	report_error(report, ARGUMENT, "%s", why);
	return -1;
}

static int parse_when_call(struct when *when, const char *argument, struct report *report)
{
	when->symbol = argument;
	return argument[0] ? 0 : refuse_when(report, "the name of the function is missing");
}

static int parse_when_syscall(struct when *when, const char *argument, struct report *report)
{
	const char *colon = strchr(argument, ':');
	char name[64] = "", *end;
	size_t length = colon ? (size_t)(colon - argument) : strlen(argument);

	if (length < sizeof(name))
		memcpy(name, argument, length);
	when->number = syscall_number(name);
	if (when->number < 0 && name[0] >= '0' && name[0] <= '9') {
		when->number = strtol(name, &end, 10);
		if (*end || when->number > MOST_CALLS)
			when->number = -1;
	}
	if (when->number < 0)
		return refuse_when(report, "there is no such system call");
	when->nth = 1;
	if (!colon)
		return 0;
	errno = 0;
	when->nth = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end || errno || !when->nth)
		return refuse_when(report, "N is the number of the call, from 1");
	return 0;
}

/* "USR1", "SIGUSR1", "RTMIN+3", "RTMAX-1", "10" */
static long signal_number(const char *name)
{
	char *end;
	long number;

	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		const char *known = signal_name(i);

		if (known && strcmp(known, name) == 0)
			return i;
	}
	if (strcmp(name, "RTMIN") == 0)
		return SIGRTMIN;
	if (strcmp(name, "RTMAX") == 0)
		return SIGRTMAX;
	number = strtol(strncmp(name, "RTM", 3) ? name : name + 5, &end, 10);
	if (strncmp(name, "RTMIN+", 6) == 0)
		number += SIGRTMIN;
	else if (strncmp(name, "RTMAX-", 6) == 0)
		number += SIGRTMAX;
	return *name && !*end && number > 0 && number <= SIGRTMAX ? number : -1;
}

static int parse_when_signal(struct when *when, const char *argument, struct report *report)
{
	when->number = signal_number(argument);
	if (when->number < 0)
		return refuse_when(report, "there is no such signal");
	if (when->number == SIGKILL)
		return refuse_when(report, "SIGKILL cannot be intercepted");
	return 0;
}

static int parse_when_after(struct when *when, const char *argument, struct report *report)
{
	char *end;
	double seconds = strtod(argument, &end);

	if (end == argument || *end || !isfinite(seconds) || seconds < 0
	    || seconds > MOST_SECONDS)
		return refuse_when(report, "SECONDS is a number from 0 to 1e9");
	when->delay = (int64_t)(seconds * 1e9);
	return 0;
}

int when_parse(struct when *ret, const char *text, struct report *report)
{
	static const struct {
		const char *prefix;
		enum when_kind kind;
		int (*parse)(struct when *when, const char *argument, struct report *report);
	} kinds[] = {
		{ "call:", WHEN_CALL, parse_when_call },
		{ "syscall:", WHEN_SYSCALL, parse_when_syscall },
		{ "signal:", WHEN_SIGNAL, parse_when_signal },
		{ "after:", WHEN_AFTER, parse_when_after },
	};

	*ret = (struct when){ .text = text, .input = -1 };
	if (strcmp(text, "stdin") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (strncmp(text, kinds[i].prefix, length))
			continue;
		ret->kind = kinds[i].kind;
		return kinds[i].parse(ret, text + length, report);
	}
	return refuse_when(report,
			   "WHEN is stdin, call:FUNCTION, syscall:NAME[:N], signal:NAME "
			      "or after:SECONDS");
}
