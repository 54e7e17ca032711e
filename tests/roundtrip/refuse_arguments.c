/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Wrong arguments and targets fail with their status and code, and each call empties the
 * report. Options of earlier and of later versions are accepted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/refuse.h"

static struct unexec_report *report;

static void expect(const char *path, const struct unexec_options *options, int status,
		   enum unexec_code code, int error)
{
	struct unexec_diagnostic diagnostic;

	CHECK_EQUAL(unexec_dump(path, options, report), status);
	unexec_report_print(report, stderr);
	CHECK_EQUAL(unexec_report_count(report), 1);
	CHECK_EQUAL(unexec_report_get(report, 0, &diagnostic), 0);
	CHECK_EQUAL(diagnostic.code, code);
	CHECK_EQUAL(diagnostic.severity, UNEXEC_ERROR);
	CHECK_EQUAL(diagnostic.error, error);
	CHECK(diagnostic.text && strlen(diagnostic.text) > 10);
	CHECK(!strchr(diagnostic.text, '\n'));
	if (path && *path)
		CHECK(strstr(diagnostic.text, path));
	CHECK_EQUAL(unexec_report_get(report, 1, &diagnostic), UNEXEC_INVALID);
}

/* Checks the report of a call, and the text that the call prints without a report. */
static void check_printed(const char *path, const char *expected)
{
	char *printed = roundtrip_path("printed");
	FILE *stream = fopen(printed, "w");
	int saved = dup(2);

	CHECK(stream && saved >= 0);
	unexec_report_print(report, stream);
	CHECK(!fflush(stream));
	CHECK_STRING(roundtrip_read(printed), expected);
	CHECK(!ftruncate(fileno(stream), 0) && !lseek(fileno(stream), 0, SEEK_SET));
	CHECK_EQUAL(dup2(fileno(stream), 2), 2);
	CHECK(unexec_dump(path, NULL, NULL) < 0);
	CHECK_EQUAL(dup2(saved, 2), 2);
	CHECK_STRING(roundtrip_read(printed), expected);
	fclose(stream);
	close(saved);
}

static int inside(void *path)
{
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_BUSY);
	return 0;
}

/* Checks a writer that runs this command instead of its work. */
static void check_ended(const char *path, const char *command, const char *how)
{
	char *tool = roundtrip_path("tool");
	FILE *stream = fopen(tool, "w");

	CHECK(stream && fprintf(stream, "#!/bin/sh\n%s\n", command) > 0 && !fclose(stream));
	CHECK(!chmod(tool, 0700));
	setenv("UNEXEC_TOOL", tool, 1);
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_SYSTEM);
	unexec_report_print(report, stderr);
	refuse_expect(report, UNEXEC_CODE_WRITER_DIED, how, tool, NULL);
	CHECK(access(path, F_OK));
	free(tool);
}

static void accept_options(char *path, const struct unexec_options *options)
{
	CHECK_EQUAL(unexec_dump(path, options, report), UNEXEC_DUMPED);
	CHECK(!unlink(path));
}

static void refuse_options(char *path, const struct unexec_options *options, const char *why)
{
	CHECK_EQUAL(unexec_dump(path, options, report), UNEXEC_INVALID);
	refuse_expect(report, UNEXEC_CODE_ARGUMENT, why, NULL);
	CHECK(access(path, F_OK));
}

static void check_sizes(char *path)
{
	struct {
		struct unexec_options options;
		char later[16]; /* the options of a later version */
	} larger = { .options.size = sizeof(larger), .later[7] = 1 };
	struct unexec_options options = { .size = 0, .entry = 7, .memory = 7 };
	char unknown[80];

	snprintf(unknown, sizeof(unknown), "%s does not know the option at byte %zu of %zu",
		 unexec_version(), sizeof(options) + 7, sizeof(larger));
	refuse_options(path, &larger.options, unknown);
	larger.later[7] = 0;
	accept_options(path, &larger.options);
	larger.options.entry = 7;
	refuse_options(path, &larger.options, "unknown entry");
	refuse_options(path, &options, "size is 0");
	options.size = sizeof(options.size) - 1;
	refuse_options(path, &options, "size is 7");
	options.size = sizeof(options.size); /* the library reads no other member */
	accept_options(path, &options);
	options.entry = UNEXEC_CONTINUE;
	options.size = offsetof(struct unexec_options, memory);
	accept_options(path, &options);
	options.size = sizeof(options);
	refuse_options(path, &options, "unknown memory");
}

int main(void)
{
	char *path, *directory, line[4200];

	roundtrip_begin();
	report = unexec_report_new();
	path = roundtrip_path("dump");
	directory = roundtrip_path("directory");
	CHECK(!mkdir(directory, 0700));
	CHECK_EQUAL(unexec_report_count(NULL), 0);
	expect(NULL, NULL, UNEXEC_INVALID, UNEXEC_CODE_ARGUMENT, 0);
	expect("", NULL, UNEXEC_INVALID, UNEXEC_CODE_ARGUMENT, 0);
	check_printed("", "unexec: error: the path is empty\n");
	check_sizes(path);
	expect(roundtrip_path("none/dump"), NULL, UNEXEC_SYSTEM, UNEXEC_CODE_TARGET, ENOENT);
	expect(directory, NULL, UNEXEC_SYSTEM, UNEXEC_CODE_TARGET, EISDIR);
	snprintf(line, sizeof(line), "unexec: %1$s: error: cannot write %1$s: Is a directory\n",
		 directory);
	check_printed(directory, line);
	CHECK(!access(directory, F_OK) && access(path, F_OK));
	CHECK(!unexec_on_dump(inside, path));
	CHECK_STRING(unexec_status_name(UNEXEC_BUSY), "UNEXEC_BUSY");
	CHECK_STRING(unexec_status_name(UNEXEC_RESUMED), "UNEXEC_RESUMED");
	CHECK_STRING(unexec_status_name(-1000), "unknown status");
	setenv("UNEXEC_TOOL", "/no/such/writer", 1);
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_SYSTEM);
	refuse_expect(report, UNEXEC_CODE_NO_WRITER, "/no/such/writer", NULL);
	check_ended(path, "exit 3", "program ended with status 3");
	check_ended(path, "kill -9 $$", "program was ended by signal 9");
	check_ended(path, "kill -9 $PPID", "copy of the process was ended by signal 9");
	unsetenv("UNEXEC_TOOL");
	setenv("UNEXEC_TOOL", roundtrip_built("unexec"), 1);
	refuse_now_works(path);
	return 0;
}
