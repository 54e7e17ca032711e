/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a capture to a file: layout, ELF, commit.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/save.h"

#include "elf/elf_writer.h"
#include "layout/layout.h"

bool save_option(struct save *save, int letter, const char *argument)
{
	switch (letter) {
	case 'o':
		save->path = argument;
		return true;
	case 'q':
		save->quiet = true;
		save->verbose = false;
		return true;
	case 'v':
		save->verbose = true;
		save->quiet = false;
		return true;
	}
	return false;
}

/* ---- What is told ----------------------------------------------------------------------- */

static void tell(void *context, const struct unexec_diagnostic *diagnostic)
{
	const struct save *save = context;

	if (diagnostic->severity == UNEXEC_NOTE && !save->verbose)
		return;
	if (diagnostic->severity != UNEXEC_ERROR && save->quiet)
		return;
	report_to_stderr(NULL, diagnostic);
}

/* "980 bytes", "1.4 MB", "27 GB". */
static void print_size(FILE *stream, uint64_t size)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)size / 1000;
	size_t unit = 0;

	if (size < 1000) {
		fprintf(stream, "%" PRIu64 " bytes", size);
		return;
	}
	for (; value >= 999.5; value /= 1000)
		unit++;
	fprintf(stream, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void tell_result(const struct save *save, const struct image *image, uint64_t size)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(stderr, "unexec: %s: ", save->path);
	print_size(stderr, size);
	fprintf(stderr, ", %zu regions, %zu thread%s, %.2f s\n", image->region_count,
		image->thread_count, image->thread_count == 1 ? "" : "s",
		(double)(now.tv_sec - save->began.tv_sec)
			+ (double)(now.tv_nsec - save->began.tv_nsec) / 1e9);
}

/* ---- Nothing is left behind ------------------------------------------------------------- */

/* The output that vanishes when this program ends before its time. Most file systems do that
 * by themselves; on some, a file has a name from the beginning. */
static struct output *volatile unfinished;

static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
#define ENDS (sizeof(ends) / sizeof(*ends))

static void remove_unfinished(void)
{
	if (unfinished && unfinished->temporary)
		unlink(unfinished->temporary);
	unfinished = NULL;
}

/* Was installed for once: the signal comes again, by default, when this returns. */
static void end(int number)
{
	remove_unfinished();
	raise(number);
}

static void catch_ends(void)
{
	static bool registered;
	struct sigaction action = { .sa_handler = end, .sa_flags = (int)SA_RESETHAND }, old;

	if (!registered)
		atexit(remove_unfinished);
	registered = true;
	for (size_t i = 0; i < ENDS; i++)
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(ends[i], &action, NULL);
}

/* No signal comes between the name and the note of it. */
static void block_ends(sigset_t *ret_old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ENDS; i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, ret_old);
}

/* ---- The pipeline ----------------------------------------------------------------------- */

int save_begin(struct save *save, struct report *report)
{
	sigset_t old;
	int failed;

	clock_gettime(CLOCK_MONOTONIC, &save->began);
	if (!report->sink) {
		report->sink = tell;
		report->context = save;
	}
	save->output = (struct output){ .fd = -1 };
	catch_ends();
	block_ends(&old);
	failed = output_open(&save->output, save->path, report);
	unfinished = &save->output;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return failed;
}

static int commit(struct save *save, struct report *report)
{
	sigset_t old;
	int failed;

	block_ends(&old);
	failed = output_commit(&save->output, report);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return failed;
}

static int write_file(struct save *save, struct capture *capture, struct report *report,
		      uint64_t *ret_size)
{
	struct layout *layout;
	struct stat status;
	int failed;

	report->stage = UNEXEC_STAGE_LAYOUT;
	layout = layout_compute(capture->image, report);
	if (!layout)
		return -1;
	report->stage = UNEXEC_STAGE_WRITE;
	failed = elf_write(save->output.fd, capture, layout, report);
	layout_free(layout);
	if (failed)
		return -1;
	*ret_size = fstat(save->output.fd, &status) ? 0 : (uint64_t)status.st_size;
	return commit(save, report);
}

int save_capture(struct save *save, struct capture *capture, struct report *report)
{
	uint64_t size;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (report->status || write_file(save, capture, report, &size))
		return -1;
	if (save->verbose)
		tell_result(save, capture->image, size);
	return 0;
}

void save_end(struct save *save)
{
	sigset_t old;

	block_ends(&old);
	unfinished = NULL;
	output_close(&save->output);
	sigprocmask(SIG_SETMASK, &old, NULL);
}
