/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions of unexec_on_dump run before a dump, the last first, and can veto it. Functions of
 * unexec_on_resume run in the dump, the first first, with the new environment and blocked
 * signals. Functions of unexec_on_dumped run in the original after each dump for which a
 * function of unexec_on_dump has run, with the dump's status, the first first.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static char log_[200];
static char names[6][2] = { "a", "b", "c", "x", "y", "z" };
static int vetoing, signals, argument_seen;

static int on_dump(void *name)
{
	strcat(strcat(log_, name), " ");
	return vetoing && !strcmp(name, "b");
}

static void on_resume(void *name)
{
	char **argv;

	strcat(strcat(log_, name), " ");
	unexec_arguments(NULL, &argv, NULL);
	argument_seen += !strcmp(argv[1], "resumed") && getenv("NEW") && getenv("OWN");
	raise(SIGUSR1);
	CHECK_EQUAL(signals, 0);
}

static char results[200];
static char *self;

/* The argument is the name of the hook. */
static void on_dumped(int status, void *name)
{
	size_t length = strlen(results);

	snprintf(results + length, sizeof(results) - length, "%s%d ", (char *)name, status);
	CHECK_EQUAL(unexec_dump(self, NULL, NULL), UNEXEC_BUSY);
}

static void expect_results(int status)
{
	char expected[200];

	snprintf(expected, sizeof(expected), "p%d q%d ", status, status);
	CHECK_STRING(results, expected);
	results[0] = 0;
}

/* Checks failures in the writer, and in the library before and after the functions run. */
static void check_failures(const char *dump)
{
	struct unexec_options wrong = { .size = 1 };
	char *elsewhere = roundtrip_path("none/dump");

	CHECK_EQUAL(unexec_dump(elsewhere, NULL, NULL), UNEXEC_SYSTEM);
	expect_results(UNEXEC_SYSTEM);
	CHECK_EQUAL(unexec_dump(dump, &wrong, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_dump("", NULL, NULL), UNEXEC_INVALID);
	CHECK_STRING(results, "");
	CHECK_EQUAL(unexec(elsewhere, NULL), -1);
	expect_results(UNEXEC_SYSTEM);
	CHECK_STRING(log_, "c b a c b a ");
	log_[0] = 0;
	free(elsewhere);
}

static void handler(int number)
{
	(void)number;
	signals++;
}

static void check_veto(const char *dump)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;

	vetoing = 1;
	CHECK_EQUAL(unexec_dump(dump, NULL, report), UNEXEC_VETOED);
	vetoing = 0;
	CHECK_STRING(log_, "c b ");
	expect_results(UNEXEC_VETOED);
	CHECK_EQUAL(unexec_report_count(report), 1);
	CHECK_EQUAL(unexec_report_get(report, 0, &diagnostic), 0);
	CHECK_EQUAL(diagnostic.code, UNEXEC_CODE_VETO);
	CHECK_EQUAL(diagnostic.severity, UNEXEC_ERROR);
	CHECK(access(dump, F_OK) != 0);
	unexec_report_free(report);
	log_[0] = 0;
}

int main(void)
{
	static const char *const environment[] = { "NEW=1", NULL };
	static char first[] = "p", second[] = "q";
	char *dump;

	roundtrip_begin();
	self = dump = roundtrip_path("dump");
	setenv("OWN", "1", 1);
	signal(SIGUSR1, handler);
	CHECK_EQUAL(unexec_on_dump(NULL, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_on_resume(NULL, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_on_dumped(NULL, NULL), UNEXEC_INVALID);
	CHECK_EQUAL(unexec_on_dumped(on_dumped, first), 0);
	CHECK_EQUAL(unexec_on_dumped(on_dumped, second), 0);
	CHECK_EQUAL(unexec_on_dump(on_dump, names[0]), 0);
	CHECK_EQUAL(unexec_on_dump(on_dump, names[1]), 0);
	CHECK_EQUAL(unexec_on_dump(on_dump, names[2]), 0);
	CHECK_EQUAL(unexec_on_resume(on_resume, names[3]), 0);
	CHECK_EQUAL(unexec_on_resume(on_resume, names[4]), 0);
	CHECK_EQUAL(unexec_on_resume(on_resume, names[5]), 0);
	check_veto(dump);
	check_failures(dump);
	if (roundtrip_dump(dump, NULL) == UNEXEC_DUMPED) {
		CHECK_STRING(log_, "c b a ");
		expect_results(UNEXEC_DUMPED);
		_exit(roundtrip_run(dump, &(struct roundtrip){ .environment = environment }));
	}
	CHECK_STRING(log_, "c b a x y z ");
	CHECK_STRING(results, "");
	/* The dump has these functions registered too, and runs them after it dumps itself. */
	setenv("UNEXEC_TOOL", roundtrip_built("unexec"), 1);
	CHECK_EQUAL(roundtrip_dump(dump, NULL), UNEXEC_DUMPED);
	expect_results(UNEXEC_DUMPED);
	CHECK_EQUAL(argument_seen, 3);
	CHECK_EQUAL(signals, 1); /* a signal that is pending three times is delivered once */
	return 0;
}
