/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report: the diagnostics that reach the sink, and the resulting status.
 */
#include <errno.h>

#include "unit.h"

static struct unit_log entries;

static struct report new_report(void)
{
	memset(&entries, 0, sizeof(entries));
	return (struct report){
		.sink = unit_sink,
		.context = &entries,
		.stage = UNEXEC_STAGE_CAPTURE,
	};
}

START_TEST(error_sets_status)
{
	struct report report = new_report();

	report_warning(&report, SHARED, "first");
	ck_assert_int_eq(report.status, 0);
	report_error(&report, SEGMENTS, "%d of %s", 5, "them");
	ck_assert_int_eq(report.status, UNEXEC_UNSUPPORTED);
	ck_assert_str_eq(entries.text, "5 of them");
	ck_assert_int_eq(entries.last.severity, UNEXEC_ERROR);
	ck_assert_int_eq(entries.last.code, UNEXEC_CODE_SEGMENTS);
	ck_assert_int_eq(entries.last.stage, UNEXEC_STAGE_CAPTURE);
	report_error(&report, MEMORY, "later");
	ck_assert_int_eq(report.status, UNEXEC_UNSUPPORTED);
	ck_assert_int_eq(entries.count, 3);
}
END_TEST

START_TEST(errno_is_appended)
{
	struct report report = new_report();

	errno = ENOSPC;
	report_errno(&report, WRITE, "/tmp/x");
	ck_assert_str_eq(entries.text, "/tmp/x: No space left on device");
	ck_assert_int_eq(entries.last.error, ENOSPC);
	ck_assert_int_eq(report.status, UNEXEC_SYSTEM);
}
END_TEST

START_TEST(range_is_kept)
{
	struct report report = new_report();

	report_add(&report, UNEXEC_ERROR, UNEXEC_CODE_MAPPING, 0, 0x1000, 0x3000, "x");
	ck_assert_uint_eq(entries.last.start, 0x1000);
	ck_assert_uint_eq(entries.last.end, 0x3000);
}
END_TEST

START_TEST(text_is_one_line_and_bounded)
{
	struct report report = new_report();
	char name[5000];

	report_error(&report, DESCRIPTOR, "a\nb\x7f" "c\xc3\xa4");
	ck_assert_str_eq(entries.text, "a?b?c\xc3\xa4");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	report_add(&report, UNEXEC_ERROR, UNEXEC_CODE_READ, EIO, 0, 0, "%s", name);
	ck_assert_uint_lt(strlen(entries.text), 980);
}
END_TEST

START_TEST(nobody_listens)
{
	struct report report = { 0 };

	report_error(NULL, READ, "x");
	report_error(&report, VETO, "x");
	ck_assert_int_eq(report.status, UNEXEC_VETOED);
}
END_TEST

static void add(TCase *tests)
{
	tcase_add_test(tests, error_sets_status);
	tcase_add_test(tests, errno_is_appended);
	tcase_add_test(tests, range_is_kept);
	tcase_add_test(tests, text_is_one_line_and_bounded);
	tcase_add_test(tests, nobody_listens);
}

int main(void)
{
	return unit_run("report", add);
}
