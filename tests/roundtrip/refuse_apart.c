/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread with its own table of descriptors, working directory and umask, namespace or rights is
 * refused by name, from inside and outside, whichever thread dumps. A process in a namespace of its
 * own gets a warning. If children would be in another PID namespace, no copy is made: the copy would be
 * its PID 1, and its end would end the namespace.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "../lib/refuse.h"
#include "threads.h"

static pthread_barrier_t barrier;
static int unshared;

/* Not flags of unshare(). */
enum { OWN_GROUPS = -1, OWN_BOUNDS = -2 };

struct kind {
	int flag;
	const char *what;
};

static const struct kind kinds[] = {
	{ CLONE_FILES, "a table of descriptors" },
	{ CLONE_FS, "a working directory and umask" },
	{ CLONE_NEWUTS, "(uts)" },
	{ OWN_GROUPS, "user IDs, groups or capabilities" },
	{ OWN_BOUNDS, "user IDs, groups or capabilities" },
};

static void check_refused(const char *path, const struct kind *kind)
{
	enum unexec_code code = kind->flag < 0 ? UNEXEC_CODE_PROTECTION : UNEXEC_CODE_THREAD;
	const char *what = kind->what;
	struct unexec_report *report = unexec_report_new();
	char *said;

	CHECK_EQUAL(unexec_dump(path, &keep_all, report), UNEXEC_UNSUPPORTED);
	unexec_report_print(report, stderr);
	refuse_expect(report, code, what, "(apart)", NULL);
	CHECK_EQUAL(refuse_errors(report), 1);
	unexec_report_free(report);
	said = refuse_outside(path);
	CHECK(strstr(said, what) && strstr(said, "(apart)"));
	free(said);
}

static int set_apart(int flag)
{
	const gid_t group = 12345;

	if (flag == OWN_GROUPS)
		return (int)syscall(SYS_setgroups, 1, &group); /* libc would change all threads */
	if (flag == OWN_BOUNDS)
		return prctl(PR_CAPBSET_DROP, 0);
	return unshare(flag);
}

static void *live_apart(void *argument)
{
	const struct kind *kind = argument;

	pthread_setname_np(pthread_self(), "apart");
	unshared = !set_apart(kind->flag);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void *dump_apart(void *path)
{
	pthread_setname_np(pthread_self(), "apart");
	CHECK(!unshare(CLONE_FILES));
	check_refused(path, &kinds[0]);
	return NULL;
}

/* The process itself: a warning, since a dump is its starter's in this respect. */
static void check_entered(const char *path)
{
	struct unexec_report *report = unexec_report_new();
	struct unexec_diagnostic diagnostic;
	int status, found = 0;

	if (unshare(CLONE_NEWUTS))
		return;
	status = unexec_dump(path, NULL, report);
	if (status == UNEXEC_RESUMED)
		_exit(0);
	CHECK_EQUAL(status, UNEXEC_DUMPED);
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++)
		found += diagnostic.code == UNEXEC_CODE_SETTING
			 && strstr(diagnostic.text, "namespaces (uts)");
	CHECK_EQUAL(found, 1);
	unexec_report_free(report);
}

/* `ready` is written when this process can be dumped from outside, `go` is read to continue. */
static void live_with_namespace(const char *path, int ready, int go)
{
	struct unexec_report *report = unexec_report_new();
	pid_t first, second;
	char byte = 0;

	if (unshare(CLONE_NEWPID | CLONE_NEWTIME))
		_exit(77);
	CHECK_EQUAL(unexec_dump(path, NULL, report), UNEXEC_UNSUPPORTED);
	refuse_expect(report, UNEXEC_CODE_THREAD, "another PID namespace", NULL);
	CHECK_EQUAL(write(ready, &byte, 1), 1);
	CHECK_EQUAL(read(go, &byte, 1), 1);
	first = fork(); /* PID 1 */
	CHECK(first >= 0);
	if (!first)
		for (;;)
			pause();
	second = fork();
	CHECK(second >= 0);
	if (!second)
		_exit(0);
	CHECK_EQUAL(roundtrip_wait(second), 0);
	kill(first, SIGKILL);
	_exit(0);
}

static void dump_outside(const char *path, pid_t subject)
{
	char number[16], *said;
	int ends[2];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", (int)subject);
	CHECK(!pipe(ends));
	pid = fork();
	if (!pid) {
		dup2(ends[1], 2);
		execl(getenv("UNEXEC_TOOL"), "unexec", "dump", "--children=ignore", "-o", path,
		      number, (char *)NULL);
		_exit(99);
	}
	CHECK_EQUAL(roundtrip_wait(pid), 0);
	close(ends[1]);
	said = roundtrip_drain(ends[0]);
	fputs(said, stderr);
	CHECK(strstr(said, "pid_for_children, time_for_children"));
	free(said);
	close(ends[0]);
}

static void check_namespace_for_children(const char *path)
{
	int ready[2], go[2], status;
	char byte = 0;
	pid_t pid;

	CHECK(!pipe(ready) && !pipe(go));
	pid = fork();
	if (!pid)
		live_with_namespace(path, ready[1], go[0]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		dump_outside(path, pid);
		CHECK_EQUAL(write(go[1], &byte, 1), 1);
	}
	status = roundtrip_wait(pid);
	CHECK(status == 0 || status == 77); /* 77: needs a privilege */
}

int main(void)
{
	struct thread thread;
	char *path;

	roundtrip_begin();
	path = roundtrip_path("dump");
	pthread_barrier_init(&barrier, NULL, 2);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		thread_start(&thread, live_apart, (void *)&kinds[i]);
		pthread_barrier_wait(&barrier);
		if (unshared)
			check_refused(path, &kinds[i]);
		else
			CHECK(i >= 2); /* needs a privilege */
		pthread_barrier_wait(&barrier);
		thread_join(&thread);
	}
	thread_start(&thread, dump_apart, path);
	thread_join(&thread);
	refuse_now_works(path);
	check_namespace_for_children(path);
	check_entered(path);
	return 0;
}
