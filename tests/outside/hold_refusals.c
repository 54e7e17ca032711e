/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes that cannot be held: one line gives the reason, and they are unchanged.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/task.h"
#include "hold.h"

#define NOBODY 65534

struct expectation {
	const char *text;
	int lines;
};

static void take_line(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct expectation *expectation = context;

	expectation->lines++;
	if (!strstr(diagnostic->text, expectation->text))
		fprintf(stderr, "'%s' has no '%s'\n", diagnostic->text, expectation->text);
	CHECK(strstr(diagnostic->text, expectation->text));
}

static void become_nobody(void)
{
	CHECK(!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY)
	      && !setresuid(NOBODY, NOBODY, NOBODY));
}

static void expect_here(pid_t pid, const char *text)
{
	struct expectation expectation = { .text = text };
	struct report report = { .sink = take_line, .context = &expectation };
	struct tracee tracee;

	CHECK(tracee_attach(&tracee, pid, &report) == -1);
	CHECK(expectation.lines == 1);
}

/* Runs in a child, whose end releases everything that it holds. */
static void expect_as(pid_t pid, const char *text, bool as_nobody)
{
	int status;
	pid_t child = fork();

	if (!child) {
		if (as_nobody && geteuid() == 0)
			become_nobody();
		expect_here(pid, text);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
}

void hold_expect(pid_t pid, const char *text)
{
	expect_as(pid, text, false);
}

static void sleeps(void)
{
	hold_ready();
	while (!hold_shared->woken)
		hold_sleep(5);
}

/* ---- No process, or no program -------------------------------------------------------- */

static void hold_nothing(pid_t pid)
{
	pid_t gone = fork();

	(void)pid;
	if (!gone)
		_exit(0);
	CHECK(waitpid(gone, NULL, 0) == gone);
	hold_expect(gone, "there is no process");
	hold_expect(-1, "there is no process");
	hold_expect(0, "there is no process");
	expect_here(getpid(), "is this program itself");
}

static void ends(void)
{
	hold_ready();
}

static void hold_zombie(pid_t pid)
{
	while (hold_state(pid) != 'Z')
		hold_sleep(1);
	hold_expect(pid, "has ended, and waits");
}

static void hold_kernel(pid_t pid)
{
	char name[17];

	(void)pid;
	task_name(2, name);
	if (!strcmp(name, "kthreadd"))
		hold_expect(2, "is a kernel thread");
}

static void *note_tid(void *unused)
{
	hold_shared->other = gettid();
	sleeps();
	return unused;
}

static void has_thread(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, note_tid, NULL));
	CHECK(!pthread_join(thread, NULL));
}

static void hold_thread(pid_t pid)
{
	char text[64];

	snprintf(text, sizeof(text), "but a thread of process %d", (int)pid);
	hold_expect(hold_shared->other, text);
}

/* ---- No right ------------------------------------------------------------------------- */

static void hold_traced(pid_t pid)
{
	char text[64];
	int status;

	snprintf(text, sizeof(text), "is already traced by process %d (hold)", (int)getpid());
	CHECK(!ptrace(PTRACE_SEIZE, pid, 0, 0));
	hold_expect(pid, text);
	CHECK(!ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	CHECK(waitpid(pid, &status, __WALL) == pid);
	CHECK(!ptrace(PTRACE_DETACH, pid, 0, 0));
}

static void hold_of_another(pid_t pid)
{
	if (geteuid() == 0)
		expect_as(pid, "cannot be traced: it belongs to another user", true);
}

static void is_unreadable(void)
{
	if (geteuid() == 0)
		become_nobody();
	CHECK(!prctl(PR_SET_DUMPABLE, 0));
	sleeps();
}

static void hold_unreadable(pid_t pid)
{
	expect_as(pid, "it is set-user-ID or has made itself unreadable", true);
}

/* ---- Another machine ------------------------------------------------------------------ */

/* Waits for ever, in 32-bit code: pause() is 29 there. */
static void is_32_bit(void)
{
	static const struct {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
		unsigned char code[12];
	} file = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1 },
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_entry = 0x10000 + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.segment = { PT_LOAD, 0, 0x10000, 0x10000, sizeof(file), sizeof(file),
			     PF_R | PF_X, 0x1000 },
		.code = { 0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7 },
	};
	char name[] = "prog32", *arguments[] = { name, NULL };
	int descriptor = memfd_create("prog32", MFD_CLOEXEC);

	CHECK(write(descriptor, &file, sizeof(file)) == (ssize_t)sizeof(file));
	hold_ready();
	syscall(SYS_execveat, descriptor, "", arguments, NULL, AT_EMPTY_PATH);
	fputs("this kernel runs no 32-bit programs\n", stderr);
	hold_shared->other = 1;
	sleeps();
}

static bool has_begun(pid_t pid, const char *program)
{
	char path[64], target[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, program);
}

static void hold_32_bit(pid_t pid)
{
	while (!hold_shared->other && !has_begun(pid, "prog32"))
		hold_sleep(1);
	if (hold_shared->other)
		return;
	hold_expect(pid, "is a 32-bit program");
}

static void end_it(pid_t pid)
{
	kill(pid, SIGKILL);
}

const struct hold_case hold_refusals[] = {
	{ "no process", sleeps, NULL, hold_nothing, 0 },
	{ "zombie", ends, NULL, hold_zombie, 0 },
	{ "kernel thread", sleeps, NULL, hold_kernel, 0 },
	{ "thread", has_thread, NULL, hold_thread, 0 },
	{ "traced", sleeps, NULL, hold_traced, 0 },
	{ "another user's", sleeps, NULL, hold_of_another, 0 },
	{ "unreadable", is_unreadable, NULL, hold_unreadable, 0 },
	{ "32-bit", is_32_bit, end_it, hold_32_bit, SIGKILL },
	{ 0 },
};
