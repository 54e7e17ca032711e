/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the unit tests. Each file of tests is a program of its own.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "base/report.h"

/* A sink that keeps the last text. */
struct unit_log {
	char text[1024];
	struct unexec_diagnostic last;
	int count;
};

static inline void unit_sink(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct unit_log *log = context;

	snprintf(log->text, sizeof(log->text), "%s", diagnostic->text);
	log->last = *diagnostic;
	log->last.text = log->text;
	log->count++;
}

static inline int unit_run(const char *name, void (*add)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *tests = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 120);
	add(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

#endif
