/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checks of refuse.h.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "close_from.h"
#include "refuse.h"

static int count_files(const char *path)
{
	char *copy = strdup(path);
	DIR *directory;
	int count = 0;

	*strrchr(copy, '/') = 0;
	directory = opendir(copy);
	CHECK(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	free(copy);
	return count;
}

struct unexec_report *refuse_dump(const char *path)
{
	const struct unexec_options options = { .size = sizeof(options),
						.threads = UNEXEC_THREADS_REFUSE };
	struct unexec_report *report = unexec_report_new();
	int files = count_files(path), status;
	struct stat before = { 0 }, after = { 0 };

	stat(path, &before);
	status = unexec_dump(path, &options, report);
	unexec_report_print(report, stderr);
	CHECK_EQUAL(status, UNEXEC_UNSUPPORTED);
	stat(path, &after);
	CHECK_EQUAL(after.st_ino, before.st_ino);
	CHECK_EQUAL(after.st_size, before.st_size);
	CHECK_EQUAL(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	CHECK_EQUAL(count_files(path), files);
	CHECK_EQUAL(unexec_generation(), 0);
	return report;
}

char *refuse_outside(const char *path)
{
	const char *tool = getenv("UNEXEC_TOOL");
	char parent[16], *said = NULL;
	int ends[2], files = count_files(path);
	pid_t pid;

	snprintf(parent, sizeof(parent), "%d", (int)getpid());
	CHECK(!pipe(ends));
	pid = vfork(); /* the child shares no descriptors with this process */
	if (pid == 0) {
		dup2(ends[1], 2);
		close_from(3);
		execl(tool, "unexec", "dump", "-q", "--children=ignore", "-o", path, parent,
		      (char *)NULL);
		_exit(99);
	}
	/* The pipe's buffer is long enough for a report. */
	CHECK_EQUAL(roundtrip_wait(pid), 1);
	close(ends[1]);
	said = roundtrip_drain(ends[0]);
	close(ends[0]);
	fputs(said, stderr);
	CHECK_EQUAL(count_files(path), files);
	return said;
}

static bool has_one(const char *text, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;
	bool found = false;

	while (!found && (word = strsep(&rest, "|")))
		found = strcasestr(text, word) != NULL;
	free(copy);
	return found;
}

static bool has_all(const char *text, va_list list)
{
	const char *words;

	while ((words = va_arg(list, const char *)))
		if (!has_one(text, words))
			return false;
	return true;
}

void refuse_expect(const struct unexec_report *report, enum unexec_code code, ...)
{
	struct unexec_diagnostic diagnostic;
	va_list list;

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++) {
		bool found;

		if (diagnostic.code != code || diagnostic.severity != UNEXEC_ERROR)
			continue;
		va_start(list, code);
		found = has_all(diagnostic.text, list);
		va_end(list);
		if (found)
			return;
	}
	fprintf(stderr, "no error %d with:", (int)code);
	va_start(list, code);
	for (const char *word; (word = va_arg(list, const char *));)
		fprintf(stderr, " %s", word);
	va_end(list);
	fprintf(stderr, "\n");
	CHECK(!"reported");
}

int refuse_errors(const struct unexec_report *report)
{
	struct unexec_diagnostic diagnostic;
	int count = 0;

	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		count += diagnostic.severity == UNEXEC_ERROR;
	return count;
}

void refuse_now_works(const char *path)
{
	if (roundtrip_dump(path, NULL) == UNEXEC_RESUMED)
		_exit(42);
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 42);
}
