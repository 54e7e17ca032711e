/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes a capture to a file: layout, ELF, commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

#include "cli/save.h"
#include "base/xalloc.h"
#include "cli/tune_dump.h"

#include "analysis/analysis.h"
#include "cli/census.h"
#include "writer/writer.h"
#include "layout/layout.h"

/* ---- Options ---------------------------------------------------------------------------- */

int save_take_output(void *target, const char *argument, struct report *report)
{
	struct save *save = target;

	(void)report;
	save->path = argument;
	save->stream = !strcmp(argument, "-");
	return 0;
}

static int find_word(const char *argument, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(argument, words[i]))
			return i;
	return -1;
}

int save_take_memory(void *target, const char *argument, struct report *report)
{
	static const char *const words[] = {
		[IMAGE_MEMORY_AUTO] = "auto",
		[IMAGE_MEMORY_LAZY] = "lazy",
		[IMAGE_MEMORY_COPY] = "copy",
	};
	struct save *save = target;
	int found = find_word(argument, words, 3);

	(void)report;
	if (found >= 0)
		save->choices.memory = (enum image_memory)found;
	return found < 0 ? -1 : 0;
}

int save_take_prefault(void *target, const char *argument, struct report *report)
{
	static const char *const words[] = {
		[IMAGE_PREFAULT_AUTO] = "auto",
		[IMAGE_PREFAULT_ALL] = "all",
		[IMAGE_PREFAULT_NONE] = "none",
	};
	struct save *save = target;
	int found = find_word(argument, words, 3);

	(void)report;
	if (found >= 0)
		save->choices.prefault = (enum image_prefault)found;
	return found < 0 ? -1 : 0;
}

/* Words are cut as by a shell, which also expands variables and names of files, but not commands. */
int save_take_tuning(void *target, const char *argument, struct report *report)
{
	struct tunings *tunings = &((struct save *)target)->tunings;
	wordexp_t words = { .we_offs = 1 };

	if (wordexp(argument, &words, WRDE_NOCMD | WRDE_DOOFFS)) {
		report_error(report, ARGUMENT, "ARGUMENTS are not words of a shell: %s", argument);
		return -1;
	}
	xgrow(tunings->list, tunings->count, tunings->room);
	tunings->list[tunings->count++] = words.we_wordv;
	return 0;
}

int save_take_pid(void *target, const char *argument, struct report *report)
{
	struct save *save = target;

	(void)report;
	save->choices.keep_ids = !strcmp(argument, "keep");
	return save->choices.keep_ids || !strcmp(argument, "new") ? 0 : -1;
}

/* Slashes at the end do not count: "/=/new" maps all paths. */
int save_take_map(void *target, const char *argument, struct report *report)
{
	struct save *save = target;
	struct path_map *map = &save->choices.maps[save->choices.map_count];
	const char *equals = strchr(argument, '=');

	if (argument[0] != '/' || !equals || equals[1] != '/') {
		report_error(report, ARGUMENT, "it is not OLD=NEW, two absolute paths");
		return -1;
	}
	if (save->choices.map_count == ANALYSIS_MAPS_MOST) {
		report_error(report, ARGUMENT, "there are more than %d", ANALYSIS_MAPS_MOST);
		return -1;
	}
	*map = (struct path_map){ argument, (size_t)(equals - argument), equals + 1 };
	while (map->length && map->from[map->length - 1] == '/')
		map->length--;
	if (!map->to[1])
		map->to++;
	save->choices.map_count++;
	return 0;
}

int save_take_quiet(void *target, const char *argument, struct report *report)
{
	struct save *save = target;

	(void)argument;
	(void)report;
	save->quiet = true;
	save->verbose = false;
	return 0;
}

int save_take_verbose(void *target, const char *argument, struct report *report)
{
	struct save *save = target;

	(void)argument;
	(void)report;
	save->verbose = true;
	save->quiet = false;
	return 0;
}

/* ---- Messages --------------------------------------------------------------------------- */

static void save_diagnostic(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct save *save = context;

	if (diagnostic->severity == UNEXEC_NOTE && !save->verbose)
		return;
	if (diagnostic->severity != UNEXEC_ERROR && save->quiet)
		return;
	progress_hide(&save->progress);
	report_to_stderr((void *)save->subject, diagnostic);
}

static void save_progress(void *context, const char *what, uint64_t done, uint64_t all)
{
	struct save *save = context;

	progress_step(&save->progress, what, done, all);
}

static void save_summary(const struct save *save, const struct image *image, uint64_t size)
{
	char text[PROGRESS_SIZE_ROOM];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	report_line(save->subject, UNEXEC_NOTE,
		    "wrote %s: %s, %zu regions, %zu thread%s, %.2f s",
		    save->stream ? "standard output" : save->path, progress_size(size, text),
		    image->region_count, image->thread_count,
		    image->thread_count == 1 ? "" : "s",
		    (double)(now.tv_sec - save->began.tv_sec)
			    + (double)(now.tv_nsec - save->began.tv_nsec) / 1e9);
}

/* ---- Removal of an unfinished file ------------------------------------------------------ */

/* The output to remove if the program ends early. It matters on file systems without
 * O_TMPFILE, where the new file has a name from the start. */
static struct output *volatile unfinished;

static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
#define ENDS (sizeof(ends) / sizeof(*ends))

static void remove_unfinished(void)
{
	if (unfinished)
		output_unlink(unfinished);
	unfinished = NULL;
}

/* SA_RESETHAND has restored the default action: the raised signal ends the program on return. */
static void end_by_signal(int number)
{
	remove_unfinished();
	raise(number);
}

static void catch_ends(void)
{
	static bool registered;
	struct sigaction action = { .sa_handler = end_by_signal, .sa_flags = (int)SA_RESETHAND }, old;

	if (!registered)
		atexit(remove_unfinished);
	registered = true;
	for (size_t i = 0; i < ENDS; i++)
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(ends[i], &action, NULL);
}

/* Blocks the signals while a file gets a name that is not recorded yet. */
static void block_ends(sigset_t *ret_old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ENDS; i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, ret_old);
}

/* ---- The pipeline ----------------------------------------------------------------------- */

static int open_save_stream(struct report *report)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	/* It is also open for reading if it was closed: see main.c. */
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		report_errno(report, TARGET, "cannot write to standard output");
		return -1;
	}
	if (isatty(STDOUT_FILENO)) {
		report_error(report, TARGET, "standard output is a terminal: redirect it to a "
			     "pipe or a file, or use -o FILE");
		return -1;
	}
	return 0;
}

static int open_save_file(struct save *save, struct report *report)
{
	sigset_t old;
	int failed;

	catch_ends();
	block_ends(&old);
	failed = output_open(&save->output, save->path, report);
	unfinished = &save->output;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return failed;
}

int save_begin(struct save *save, struct report *report)
{
	clock_gettime(CLOCK_MONOTONIC, &save->began);
	if (!report->sink) {
		progress_begin(&save->progress, !save->quiet);
		report->sink = save_diagnostic;
		report->progress = save_progress;
		report->context = save;
	}
	save->output = (struct output){ .fd = -1, .directory = -1 };
	return save->stream ? open_save_stream(report) : open_save_file(save, report);
}

static int commit_save(struct save *save, struct report *report)
{
	sigset_t old;
	int failed;

	progress_say(&save->progress, "waiting for the disk");
	block_ends(&old);
	failed = output_commit(&save->output, report);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return failed;
}

static int save_to_file(struct save *save, struct capture *capture, const struct layout *layout,
			struct report *report, uint64_t *ret_size)
{
	struct stat status;

	if (save->stream)
		return writer_send(STDOUT_FILENO, capture, layout, report, ret_size);
	if (writer_write(save->output.fd, capture, layout, report))
		return -1;
	*ret_size = fstat(save->output.fd, &status) ? 0 : (uint64_t)status.st_size;
	return commit_save(save, report);
}

static int save_image(struct save *save, struct capture *capture, struct report *report,
		      uint64_t *ret_size)
{
	struct layout *layout;
	int failed;

	analysis_finish(capture, &save->choices, report);
	if (report->status)
		return -1;
	report->stage = UNEXEC_STAGE_LAYOUT;
	layout = layout_compute(capture->image, report);
	if (!layout)
		return -1;
	report->stage = UNEXEC_STAGE_WRITE;
	failed = save_to_file(save, capture, layout, report, ret_size);
	layout_free(layout);
	return failed;
}

int save_capture(struct save *save, struct capture *capture, struct report *report)
{
	uint64_t size;
	int failed;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	failed = report->status ? -1 : save_image(save, capture, report, &size);
	progress_hide(&save->progress);
	if (!failed && save->verbose) {
		census_note_resets(save->subject);
		save_summary(save, capture->image, size);
	}
	return failed;
}

int save_tune(const struct save *save, struct report *report)
{
	const struct tunings *tunings = &save->tunings;

	if (!tunings->count)
		return 0;
	for (size_t i = 0; i < tunings->count; i++)
		tunings->list[i][0] = (char *)save->path;
	return tune_dump(save->path, tunings->list, tunings->count, TUNE_APART, report);
}

void save_end(struct save *save)
{
	sigset_t old;

	progress_hide(&save->progress);
	block_ends(&old);
	unfinished = NULL;
	if (save->output.path)
		output_close(&save->output);
	sigprocmask(SIG_SETMASK, &old, NULL);
}
