/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The progress line on a terminal: when it appears, its text, and that it is erased.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/progress.h"
#include "unit.h"

#define GB UINT64_C(1000000000)

static int open_terminal(int columns)
{
	struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master) | unlockpt(master), 0);
	ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	return master;
}

/* Computes the line that a terminal shows after the output; \r goes to its beginning. */
static void show(const char *output, char *line, size_t room)
{
	size_t at = 0;

	memset(line, ' ', room - 1);
	line[room - 1] = '\0';
	for (; *output; output++) {
		if (*output == '\r') {
			at = 0;
			continue;
		}
		ck_assert_uint_lt(at, room - 1);
		line[at++] = *output;
	}
	for (at = room - 1; at > 0 && line[at - 1] == ' ';)
		line[--at] = '\0';
}

/* Everything that was printed so far. */
static void read_all(int master, char *output, size_t room)
{
	ssize_t n;

	fcntl(master, F_SETFL, O_NONBLOCK);
	n = read(master, output, room - 1);
	output[n > 0 ? n : 0] = '\0';
}

static size_t count(const char *text, char letter)
{
	size_t found = 0;

	for (; *text; text++)
		found += *text == letter;
	return found;
}

static void wait_ms(long milliseconds)
{
	const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* Runs `work` in a process whose stderr is the terminal; what it prints is in `output`. */
static void on_terminal(void (*work)(void), int columns, char *output, size_t room)
{
	int master = open_terminal(columns), status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		dup2(open(ptsname(master), O_RDWR), STDERR_FILENO);
		work();
		wait_ms(50);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	read_all(master, output, room);
	close(master);
}

/* 1 GB in 0.9 seconds. */
static void step_until_second(struct progress *progress)
{
	progress_step(progress, "writing", 0, 4 * GB);
	for (uint64_t i = 1; i <= 90; i++) {
		progress_step(progress, "writing", i * GB / 90, 4 * GB);
		wait_ms(10);
	}
}

static void work_shortly(void)
{
	struct progress progress;

	progress_begin(&progress, true);
	for (uint64_t i = 0; i < 10; i++) {
		progress_step(&progress, "writing", i * GB / 10, GB);
		wait_ms(20);
	}
	progress_say(&progress, "waiting");
	progress_hide(&progress);
}

START_TEST(short_work_is_silent)
{
	char output[10000];

	on_terminal(work_shortly, 80, output, sizeof(output));
	ck_assert_str_eq(output, "");
}
END_TEST

static void work_a_second(void)
{
	struct progress progress;

	progress_begin(&progress, true);
	step_until_second(&progress);
	wait_ms(200);
	progress_step(&progress, "writing", GB, 4 * GB);
}

START_TEST(line_says_all)
{
	char output[10000], line[200], unit[3];
	double rate;
	int left, end = 0;

	on_terminal(work_a_second, 80, output, sizeof(output));
	/* More than one if this process was delayed. */
	ck_assert_uint_ge(count(output, '\r'), 1);
	show(output, line, sizeof(line));
	ck_assert_int_eq(sscanf(line, "unexec: writing: 1.0 GB of 4.0 GB, %lf %2s/s, "
				      "%d s left%n", &rate, unit, &left, &end), 3);
	ck_assert_uint_eq((size_t)end, strlen(line));
	ck_assert_str_eq(unit, "MB");
	ck_assert(rate < 1000 && left >= 3);
	/* The time left follows from the rate. */
	ck_assert(rate * left > 2500 && rate * left < 3500 + rate);
}
END_TEST

/* A second of many steps after the first. */
static void work_long(void)
{
	struct progress progress;

	progress_begin(&progress, true);
	step_until_second(&progress);
	wait_ms(100);
	for (uint64_t i = 0; i < 200; i++) {
		progress_step(&progress, "sending", i * GB / 200, GB);
		wait_ms(5);
	}
	progress_say(&progress, "waiting");
	progress_hide(&progress);
	progress_hide(&progress);
}

START_TEST(line_is_drawn_seldom_and_goes)
{
	char output[10000], line[200];
	time_t began = time(NULL);

	on_terminal(work_long, 80, output, sizeof(output));
	ck_assert_uint_ge(count(output, '\r'), 5);
	ck_assert_uint_le(count(output, '\r'), 10 * (size_t)(time(NULL) - began + 1));
	ck_assert_uint_eq(count(output, '\n'), 0);
	ck_assert_ptr_nonnull(strstr(output, "sending: "));
	ck_assert_ptr_nonnull(strstr(output, "unexec: waiting"));
	show(output, line, sizeof(line));
	ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(narrow_terminal)
{
	char output[10000], line[30];

	on_terminal(work_a_second, 20, output, sizeof(output));
	show(output, line, sizeof(line));
	ck_assert_str_eq(line, "unexec: writing: 1.");
}
END_TEST

static void work_unwanted(void)
{
	struct progress progress;

	progress_begin(&progress, false);
	step_until_second(&progress);
	wait_ms(200);
	progress_step(&progress, "writing", GB, 4 * GB);
	progress_say(&progress, "waiting");
	progress_hide(&progress);
}

static void work_in_file(void)
{
	char name[] = "./progress_test.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	dup2(fd, STDERR_FILENO);
	work_a_second();
	if (lseek(fd, 0, SEEK_END) != 0)
		_exit(1);
}

/* The terminal belongs to another group of processes. */
static void work_in_background(void)
{
	int terminal = STDERR_FILENO, ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(ioctl(terminal, TIOCSCTTY, 0), 0);
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		if (write(ready[1], "", 1) == 1)
			work_a_second();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1 || waitpid(pid, NULL, 0) != pid)
		_exit(1);
}

START_TEST(nothing_is_shown)
{
	void (*const works[])(void) = { work_unwanted, work_in_file, work_in_background };
	char output[10000];

	on_terminal(works[_i], 80, output, sizeof(output));
	ck_assert_str_eq(output, "");
}
END_TEST

START_TEST(sizes)
{
	const struct {
		uint64_t size;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" }, { 999, "999 bytes" }, { 1000, "1.0 kB" }, { 9949, "9.9 kB" },
		{ 9951, "10 kB" }, { 999499, "999 kB" }, { 999500, "1.0 MB" },
		{ 27 * GB, "27 GB" }, { UINT64_MAX, "18 EB" },
	};
	char text[PROGRESS_SIZE_ROOM];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_str_eq(progress_size(cases[i].size, text), cases[i].text);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, short_work_is_silent);
	tcase_add_test(tests, line_says_all);
	tcase_add_test(tests, line_is_drawn_seldom_and_goes);
	tcase_add_test(tests, narrow_terminal);
	tcase_add_loop_test(tests, nothing_is_shown, 0, 3);
	tcase_add_test(tests, sizes);
}

int main(void)
{
	return unit_run("progress", add_tests);
}
