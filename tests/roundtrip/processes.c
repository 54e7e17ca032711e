/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dump can fork, vfork and exec, and use posix_spawn, system and popen.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int prepared, in_parent, in_child;

static void note_prepare(void)
{
	prepared++;
}

static void note_parent(void)
{
	in_parent++;
}

static void note_child(void)
{
	in_child++;
}

static int status_of(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		CHECK_EQUAL(getppid(), parent);
		CHECK_EQUAL(gettid(), getpid());
		CHECK_EQUAL(raise(0), 0);
		CHECK_EQUAL(in_child, 1);
		free(malloc(1000000));
		_exit(unexec_generation() + 20);
	}
	CHECK_EQUAL(status_of(pid), 21);
	CHECK(prepared == 1 && in_parent == 1 && in_child == 0);
}

static void check_exec(void)
{
	static char shell[] = "sh", option[] = "-c", script[] = "exit $CODE";
	char *const words[] = { shell, option, script, NULL };
	pid_t pid;

	setenv("CODE", "33", 1);
	pid = vfork();
	if (pid == 0) {
		execv("/bin/sh", words);
		_exit(1);
	}
	CHECK_EQUAL(status_of(pid), 33);
	setenv("CODE", "34", 1);
	CHECK_EQUAL(posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ), 0);
	CHECK_EQUAL(status_of(pid), 34);
	CHECK_EQUAL(posix_spawnp(&pid, "sh", NULL, NULL, words, environ), 0);
	CHECK_EQUAL(status_of(pid), 34);
}

static void check_popen(void)
{
	char line[100];
	FILE *stream = popen("echo one; echo two; exit 3", "r");

	CHECK(stream);
	CHECK(fgets(line, sizeof(line), stream));
	CHECK_STRING(line, "one\n");
	CHECK(fgets(line, sizeof(line), stream));
	CHECK_STRING(line, "two\n");
	CHECK_EQUAL(WEXITSTATUS(pclose(stream)), 3);
}

int main(void)
{
	roundtrip_begin();
	pthread_atfork(note_prepare, note_parent, note_child);
	roundtrip_cut();
	CHECK(prepared == 0 && in_parent == 0); /* a dump is no fork */
	check_fork();
	check_exec();
	CHECK_EQUAL(WEXITSTATUS(system("exit 7")), 7);
	check_popen();
	execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
	return 1;
}
