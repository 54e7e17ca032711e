/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shows progress on stderr if that is a terminal.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/progress.h"

#define SILENCE 1.0  /* seconds until the line appears */
#define INTERVAL 0.1 /* seconds between two updates */

#define LINE_ROOM 160

static double progress_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

const char *progress_size(uint64_t size, char text[PROGRESS_SIZE_ROOM])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)size / 1000;
	size_t unit = 0;

	if (size < 1000) {
		snprintf(text, PROGRESS_SIZE_ROOM, "%" PRIu64 " bytes", size);
		return text;
	}
	for (; value >= 999.5; value /= 1000)
		unit++;
	snprintf(text, PROGRESS_SIZE_ROOM, value < 9.95 ? "%.1f %s" : "%.0f %s", value,
		 units[unit]);
	return text;
}

static void print_left(double seconds, char *text, size_t room)
{
	uint64_t left = (uint64_t)(seconds + 0.5);

	if (left < 60)
		snprintf(text, room, "%" PRIu64 " s", left);
	else if (left < 3600)
		snprintf(text, room, "%" PRIu64 " min %" PRIu64 " s", left / 60, left % 60);
	else
		snprintf(text, room, "%" PRIu64 " h %" PRIu64 " min", left / 3600,
			 left / 60 % 60);
}

static void make_progress_line(const struct progress *progress, uint64_t done, uint64_t all,
			       double time, char line[LINE_ROOM])
{
	double rate = (double)done / (time - progress->what_began);
	char done_text[PROGRESS_SIZE_ROOM], all_text[PROGRESS_SIZE_ROOM];
	char rate_text[PROGRESS_SIZE_ROOM], left[64];

	print_left((double)(all - done) / rate, left, sizeof(left));
	snprintf(line, LINE_ROOM, "unexec: %s: %s of %s, %s/s, %s left", progress->what,
		 progress_size(done, done_text), progress_size(all, all_text),
		 progress_size((uint64_t)rate, rate_text), left);
}

/* A background process that writes to the terminal may be stopped (SIGTTOU), while it holds
 * another process. */
static bool may_draw(void)
{
	pid_t foreground = tcgetpgrp(STDERR_FILENO);

	return foreground < 0 || foreground == getpgrp();
}

/* One write for a line, so that it does not mix with the output of others. The line is cut at
 * the terminal's width: a line that wraps could not be erased. */
static void draw_progress(struct progress *progress, const char *line)
{
	char text[2 * LINE_ROOM];
	size_t length = strlen(line);
	struct winsize size;
	int n;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 1
	    && length > size.ws_col - 1U)
		length = size.ws_col - 1U;
	n = snprintf(text, sizeof(text), "\r%-*.*s", (int)progress->width, (int)length, line);
	if (write(STDERR_FILENO, text, (size_t)n) == n)
		progress->width = length;
}

void progress_begin(struct progress *progress, bool wanted)
{
	*progress = (struct progress){ .wanted = wanted && isatty(STDERR_FILENO) };
}

/* Records which work is going on. Returns whether it is time to draw. */
static bool is_time_to_draw(struct progress *progress, const char *what, double time)
{
	if (!progress->what)
		progress->began = time;
	if (!progress->what || strcmp(progress->what, what) != 0) {
		progress->what = what;
		progress->what_began = time;
		progress->drawn = 0;
	}
	return time - progress->began >= SILENCE && time - progress->drawn >= INTERVAL
	       && may_draw();
}

void progress_step(struct progress *progress, const char *what, uint64_t done, uint64_t all)
{
	char line[LINE_ROOM];
	double time;

	if (!progress->wanted)
		return;
	time = progress_clock();
	if (!is_time_to_draw(progress, what, time) || time == progress->what_began || done == 0)
		return;
	progress->drawn = time;
	make_progress_line(progress, done, all, time, line);
	draw_progress(progress, line);
}

void progress_say(struct progress *progress, const char *what)
{
	char line[LINE_ROOM];

	if (!progress->wanted || !is_time_to_draw(progress, what, progress_clock()))
		return;
	snprintf(line, sizeof(line), "unexec: %s", what);
	draw_progress(progress, line);
}

void progress_hide(struct progress *progress)
{
	char blank[2 * LINE_ROOM];
	int n;

	if (progress->width == 0)
		return;
	n = snprintf(blank, sizeof(blank), "\r%*s\r", (int)progress->width, "");
	if (write(STDERR_FILENO, blank, (size_t)n) == n)
		progress->width = 0;
}
