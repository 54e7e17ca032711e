/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs all cases, or those named as arguments: see hold.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/task.h"
#include "hold.h"

struct hold_shared *hold_shared;
static struct report report = { .sink = report_to_stderr };
static struct timespec began;

void hold_fail(const char *file, int line, const char *text)
{
	fprintf(stderr, "%s:%d: %s (errno: %s)\n", file, line, text, strerror(errno));
	_exit(1);
}

void hold_sleep(int milliseconds)
{
	const struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

void hold_ready(void)
{
	clock_gettime(CLOCK_MONOTONIC, &began);
	hold_shared->ready = 1;
}

double hold_elapsed(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began.tv_sec) * 1e3
	       + (double)(now.tv_nsec - began.tv_nsec) / 1e6;
}

bool hold_was_a_wait(void)
{
	double elapsed = hold_elapsed();

	if (elapsed > WAIT_MS - 5 && elapsed < WAIT_MS + 300)
		return true;
	hold_shared->slow = elapsed >= WAIT_MS;
	fprintf(stderr, "waited for %.0f ms instead of %d\n", elapsed, WAIT_MS);
	return false;
}

char hold_state(pid_t pid)
{
	char text[16];

	task_status(pid, "State", text, sizeof(text));
	return text[0];
}

bool hold_becomes(pid_t pid, char state)
{
	for (int i = 0; i < 1000 && hold_state(pid) != state; i++)
		hold_sleep(1);
	return hold_state(pid) == state;
}

/* No child of the process is left over. */
static void check_no_children(pid_t pid)
{
	char path[64], text[16];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	if (!file)
		return; /* a kernel without that list */
	CHECK(!fgets(text, sizeof(text), file));
	fclose(file);
}

static void make_calls(struct tracee *tracee)
{
	for (size_t i = 0; i < tracee->count; i++) {
		uint64_t page = tracee_scratch(tracee);
		const char name[] = "/proc/self/comm";
		long descriptor;

		CHECK(page);
		CHECK(tracee_do(tracee, i, SYS_gettid) == tracee->threads[i].own_tid);
		CHECK(!tracee_write(tracee, page, name, sizeof(name)));
		descriptor = tracee_do(tracee, i, SYS_openat, -1, page, 0);
		CHECK(descriptor >= 0);
		CHECK(!tracee_do(tracee, i, SYS_close, descriptor));
		CHECK(tracee_do(tracee, i, SYS_close, descriptor) == -EBADF);
	}
}

void hold_once(pid_t pid)
{
	struct tracee tracee;

	/* On a busy machine the wait may be over before it is interrupted. */
	if (tracee_attach(&tracee, pid, &report)) {
		CHECK(hold_state(pid) == 'Z');
		hold_shared->slow = 1;
		return;
	}
	make_calls(&tracee);
	CHECK(tracee_copy(&tracee) > 0);
	CHECK(hold_state(tracee.copy) == 't');
	make_calls(&tracee);
	tracee_go_on(&tracee);
	hold_sleep(10);
	CHECK(hold_state(pid) != 't');
	tracee_end(&tracee);
	CHECK(hold_state(pid) != 't');
}

void hold_thrice(pid_t pid)
{
	for (int i = 0; i < 3 && !hold_shared->slow; i++) {
		hold_sleep(20);
		hold_once(pid);
		check_no_children(pid);
	}
}

static pid_t start(const struct hold_case *which)
{
	pid_t pid;

	memset(hold_shared, 0, sizeof(*hold_shared));
	CHECK(!pipe(hold_shared->pipe));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		alarm(30);
		which->run();
		_exit(0);
	}
	while (!hold_shared->ready && hold_state(pid) != 'Z')
		hold_sleep(1);
	hold_sleep(20);
	return pid;
}

static bool passes(const struct hold_case *which)
{
	pid_t pid = start(which);
	int status;

	(which->hold ? which->hold : hold_thrice)(pid);
	hold_shared->woken = 1;
	if (which->wake)
		which->wake(pid);
	CHECK(waitpid(pid, &status, 0) == pid);
	close(hold_shared->pipe[0]);
	close(hold_shared->pipe[1]);
	printf("%s %s\n", status != which->status ? "FAILED" : "ok", which->name);
	if (status != which->status)
		fprintf(stderr, "%s: wait status %#x\n", which->name, (unsigned)status);
	return status == which->status && !hold_shared->slow;
}

/* Retries: a busy machine makes some waits longer, wrong code makes all of them longer. */
static bool passes_at_last(const struct hold_case *which)
{
	for (int i = 0; i < 10; i++)
		if (passes(which))
			return true;
		else if (!hold_shared->slow)
			return false;
	return false;
}

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return argc < 2;
}

/* Some containers forbid it. */
static bool may_trace(void)
{
	pid_t child = fork();
	bool may;

	if (!child)
		pause();
	may = !ptrace(PTRACE_SEIZE, child, 0, 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return may;
}

int main(int argc, char **argv)
{
	const struct hold_case *const lists[] = { hold_calls, hold_states, hold_refusals };
	int failed = 0;

	setlinebuf(stdout);
	signal(SIGPIPE, SIG_IGN);
	hold_shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			   0);
	if (hold_shared == MAP_FAILED)
		return 99;
	if (!may_trace()) {
		fputs("skipped: no right to trace\n", stderr);
		return 77;
	}
	for (size_t list = 0; list < 3; list++)
		for (const struct hold_case *at = lists[list]; at->name; at++)
			if (is_wanted(at->name, argc, argv))
				failed += !passes_at_last(at);
	return failed ? 1 : 0;
}
