/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Children are refused, each with its PID and name, including children of other threads and
 * children that have ended. With UNEXEC_CHILDREN_IGNORE, a warning names them. The library's
 * own children do not count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/refuse.h"

static pthread_barrier_t barrier;

static pid_t start_child(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	CHECK(!pipe(ready));
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		close(ready[0]);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 0);
	close(ready[0]);
	return pid;
}

static void *have_child(void *ret)
{
	*(pid_t *)ret = start_child("of a (thread");
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

static void expect_child(const struct unexec_report *report, pid_t pid, const char *name)
{
	char number[24];

	snprintf(number, sizeof(number), "%d", (int)pid);
	refuse_expect(report, UNEXEC_CODE_CHILDREN, "1 child,", number, name, NULL);
}

static void check_refused(const char *path, pid_t pid, const char *name)
{
	struct unexec_report *report = refuse_dump(path);

	CHECK_EQUAL(refuse_errors(report), 1);
	expect_child(report, pid, name);
	unexec_report_free(report);
}

/* Checks the child of another thread; that thread is kept. */
static void check_thread(const char *path)
{
	const struct unexec_options options = { .size = sizeof(options) };
	struct unexec_report *report = unexec_report_new();
	pthread_t thread;
	pid_t pid;

	pthread_barrier_init(&barrier, NULL, 2);
	CHECK(!pthread_create(&thread, NULL, have_child, &pid));
	pthread_barrier_wait(&barrier);
	CHECK_EQUAL(unexec_dump(path, &options, report), UNEXEC_UNSUPPORTED);
	expect_child(report, pid, "(of a (thread)");
	unexec_report_free(report);
	pthread_barrier_wait(&barrier);
	CHECK(!pthread_join(thread, NULL));
	end_child(pid);
}

static void check_ignored(const char *path, pid_t pid)
{
	const struct unexec_options options = { .size = sizeof(options),
						.children = UNEXEC_CHILDREN_IGNORE };
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	char number[24];
	int status = unexec_dump(path, &options, report);

	if (status == UNEXEC_RESUMED)
		_exit(waitpid(-1, NULL, 0) < 0 && errno == ECHILD ? 7 : 1);
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	unexec_report_print(report, stderr);
	CHECK(!unexec_report_get(report, 0, &diagnostic));
	CHECK_EQUAL(diagnostic.severity, UNEXEC_WARNING);
	CHECK_EQUAL(diagnostic.code, UNEXEC_CODE_CHILDREN);
	snprintf(number, sizeof(number), " %d ", (int)pid);
	CHECK(strstr(diagnostic.text, number));
	CHECK_EQUAL(roundtrip_run(path, &(struct roundtrip){ 0 }), 7);
	unexec_report_free(report);
}

int main(void)
{
	siginfo_t info;
	char *path;
	pid_t pid;

	roundtrip_begin();
	path = roundtrip_path("dump");
	check_thread(path);
	pid = start_child("sleeper");
	check_refused(path, pid, "(sleeper)");
	check_ignored(path, pid);
	kill(pid, SIGKILL);
	CHECK(!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	check_refused(path, pid, "(sleeper, ended)");
	end_child(pid);
	refuse_now_works(path);
	return 0;
}
