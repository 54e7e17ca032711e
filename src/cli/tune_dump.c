/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a dump and records which pages it writes to, for `unexec tune` and `unexec run --tune`.
 *
 * The list is stored in room that the plan has for it, with the arguments of the runs. Nothing else
 * in the file changes, except the plan's checksum.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/prefault.h"
#include "cli/tune_dump.h"
#include "cli/output.h"
#include "dumpfile/dump_text.h"
#include "dumpfile/sums.h"
#include "dumpfile/verify.h"
#include "base/io.h"
#include "base/words.h"
#include "base/xalloc.h"

struct tune {
	const char *path;
	unsigned flags; /* tune_flags */
	char **argv; /* of the current run, with a NULL at the end */
	struct verified verified;
	struct runs runs; /* of pages that the runs have written */
	struct buffer {
		char bytes[PLAN_TUNED_ROOM];
		size_t length;
	} text;
	struct report *report;
};

/* ---- The run ---------------------------------------------------------------------------- */

static void __attribute__((noreturn)) begin_traced(const struct tune *tune)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (tune->flags & TUNE_APART) {
		dup2(nothing, 0);
		dup2(nothing, 1);
	}
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execv(tune->path, tune->argv);
	_exit(127);
}

/* The signal that a stopped tracee must get when it continues. */
static int stop_signal(int status)
{
	/* SIGTRAP reports exec and exit. */
	return WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
}

/* Empties the list in the process: pages that it prefaults are not pages that this run writes
 * to. */
static void forget_earlier(const struct tune *tune, pid_t pid)
{
	uint64_t plan = tune->verified.plan_address;
	uint64_t place = plan + offsetof(struct plan, prefault);
	long offset;

	if (range_length(tune->verified.plan) < sizeof(struct plan))
		return;
	offset = ptrace(PTRACE_PEEKDATA, pid, (void *)place, NULL) & UINT32_MAX;
	ptrace(PTRACE_POKEDATA, pid, (void *)place, (void *)offset); /* the count is 0 */
	ptrace(PTRACE_POKEDATA, pid, (void *)(plan + offsetof(struct plan, prefault_sure)), NULL);
}

/* The process has just called exec and has run no code of the dump. */
static void watch_from_now(const struct tune *tune, pid_t pid)
{
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
	forget_earlier(tune, pid);
}

/* Adds the pages that the process has written. */
static int add_written(struct tune *tune, pid_t pid)
{
	struct runs written = { 0 };
	int failed = prefault_find(&written, pid, tune->verified.image, tune->report);

	if (!failed)
		runs_unite(&tune->runs, &written, tune->verified.image->page_size);
	runs_free(&written);
	return failed;
}

/* Lets the process run until it exits, and reads its pages while they still exist. Returns the
 * wait status of the run, or -1 if the dump could not be run. */
static int watch_run(struct tune *tune, pid_t pid)
{
	bool begun = false, ended = false;
	int status;

	for (;;) {
		int number;

		if (waitpid(pid, &status, __WALL) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (!WIFSTOPPED(status))
			return ended ? status : -1;
		number = stop_signal(status);
		if (!begun)
			watch_from_now(tune, pid);
		begun = true;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8) && !ended) {
			ended = true;
			if (add_written(tune, pid))
				return -1;
		}
		ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)number);
	}
}

/* 0, or -1 with an error in the report. */
static int run_traced(struct tune *tune)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		begin_traced(tune);
	status = pid < 0 ? -1 : watch_run(tune, pid);
	if (status == -1 && !tune->report->status)
		report_error(tune->report, FORMAT, "cannot be run and traced");
	else if (WIFSIGNALED(status))
		report_error(tune->report, FORMAT, "the run ended by signal %d (%s)",
			     WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 125) /* the restarter has printed why */
		report_error(tune->report, FORMAT, "the dump cannot start");
	return tune->report->status ? -1 : 0;
}

/* ---- The file --------------------------------------------------------------------------- */

/* Copies a file and keeps its holes. 0, or -1 with errno. */
static int copy_content(int from, int to)
{
	struct stat status;
	off_t at = 0, end;

	if (fstat(from, &status) || ftruncate(to, status.st_size))
		return -1;
	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		end = lseek(from, at, SEEK_HOLE);
		if (lseek(to, at, SEEK_SET) < 0)
			return -1;
		while (at < end)
			if (sendfile(to, from, &at, (size_t)(end - at)) <= 0)
				return -1;
	}
	return errno == ENXIO ? 0 : -1;
}

/* Returns the plan with the new list, to be freed. NULL: the plan has no room for one. */
static unsigned char *change_plan(const struct tune *tune, int fd, size_t length)
{
	const struct range *list = tune->runs.list;
	unsigned char *bytes = xmalloc(length);
	struct plan plan;
	uint64_t *words;

	if (io_read_at(fd, bytes, length, tune->verified.plan.start)
	    || length < sizeof(plan))
		goto none;
	memcpy(&plan, bytes, sizeof(plan));
	if (plan.version != PLAN_VERSION || plan.prefault.offset > length
	    || length - plan.prefault.offset < PLAN_PREFAULT_ROOM * sizeof(*words)
	    || plan.tuned.offset > length || length - plan.tuned.offset < PLAN_TUNED_ROOM)
		goto none;
	plan.prefault.count = plan.prefault_sure = (uint32_t)tune->runs.count;
	plan.tuned.count = (uint32_t)tune->text.length;
	memcpy(bytes, &plan, sizeof(plan));
	words = (uint64_t *)(bytes + plan.prefault.offset);
	memset(words, 0, PLAN_PREFAULT_ROOM * sizeof(*words));
	for (size_t i = 0; i < tune->runs.count; i++)
		words[i] = list[i].start | range_length(list[i]) / plan.page_size;
	memset(bytes + plan.tuned.offset, 0, PLAN_TUNED_ROOM);
	memcpy(bytes + plan.tuned.offset, tune->text.bytes, tune->text.length);
	return bytes;
none:
	free(bytes);
	return NULL;
}

/* Returns the checksums with that of the changed plan, to be freed. NULL: there are none. */
static void *change_sums(const struct tune *tune, int fd, const void *plan, size_t plan_length)
{
	size_t length = range_length(tune->verified.sums);
	void *bytes = xmalloc(length);
	struct sums sums;

	if (io_read_at(fd, bytes, length, tune->verified.sums.start)
	    || sums_parse(bytes, length, &sums)) {
		free(bytes);
		return NULL;
	}
	free(bytes);
	for (size_t i = 0; i < sums.count; i++)
		if (sums.list[i].source == SUM_PLAN)
			sums.list[i].value = sums_value(plan, plan_length);
	bytes = sums_store(&sums);
	sums_free(&sums);
	return bytes;
}

static int write_tuned(struct tune *tune, int fd, struct output *output)
{
	const struct verified *verified = &tune->verified;
	size_t length = range_length(verified->plan);
	unsigned char *plan = change_plan(tune, fd, length);
	void *sums = plan ? change_sums(tune, fd, plan, length) : NULL;

	if (!sums)
		report_error(tune->report, FORMAT, "another version of unexec made this dump");
	else if (copy_content(fd, output->fd)
		 || io_write_at(output->fd, plan, length, verified->plan.start)
		 || io_write_at(output->fd, sums, range_length(verified->sums),
			      verified->sums.start))
		report_errno(tune->report, WRITE, "cannot write the new file");
	free(plan);
	free(sums);
	return tune->report->status ? -1 : output_commit(output, tune->report);
}

/* ---- All of it -------------------------------------------------------------------------- */

/* Adds a line with the arguments, as far as there is room for whole words. */
static void add_arguments(struct buffer *text, char *const *argv)
{
	size_t start = text->length;

	for (char *const *word = argv + 1; argv[0] && *word; word++) {
		char *escaped = words_escape(*word);
		size_t length = strlen(escaped);

		if (text->length + length + 2 <= sizeof(text->bytes)) {
			if (text->length > start)
				text->bytes[text->length++] = ' ';
			memcpy(text->bytes + text->length, escaped, length);
			text->length += length;
		}
		free(escaped);
	}
	if (text->length < sizeof(text->bytes))
		text->bytes[text->length++] = '\n';
}

/* Takes over what earlier runs have stored. Pages that an untuned dump prefaults are not kept. */
static void keep_earlier(struct tune *tune, const struct plan *plan)
{
	const char *bytes = (const char *)plan;

	for (uint32_t i = 0; plan->tuned.count && i < plan->prefault.count; i++) {
		uint64_t word, start;

		memcpy(&word, bytes + plan->prefault.offset + i * sizeof(word), sizeof(word));
		start = word & ~PLAN_PREFAULT_PAGES;
		word = start + (word & PLAN_PREFAULT_PAGES) * plan->page_size;
		runs_unite(&tune->runs, &(struct runs){ .list = &(struct range){ start, word },
							.count = 1 }, plan->page_size);
	}
	tune->text.length = plan->tuned.count;
	memcpy(tune->text.bytes, bytes + plan->tuned.offset, plan->tuned.count);
}

static void read_earlier(struct tune *tune, int fd)
{
	Elf *elf;
	struct plan *plan;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	plan = elf ? dump_plan_read(elf) : NULL;
	if (plan)
		keep_earlier(tune, plan);
	free(plan);
	elf_end(elf);
}

static int run_all(struct tune *tune, char **const *commands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tune->argv = commands[i];
		if (run_traced(tune))
			return -1;
		add_arguments(&tune->text, tune->argv);
	}
	runs_limit(&tune->runs, tune->verified.image, PLAN_PREFAULT_ROOM);
	return 0;
}

static int tune_file(struct tune *tune, int fd, char **const *commands, size_t count)
{
	struct output output;
	int failed;

	if (verify_whole(fd, &tune->verified, tune->report))
		return -1;
	if (tune->flags & TUNE_ADD)
		read_earlier(tune, fd);
	if (run_all(tune, commands, count))
		return -1;
	failed = output_open(&output, tune->path, tune->report)
		 || write_tuned(tune, fd, &output);
	output_close(&output);
	return failed ? -1 : 0;
}

int tune_dump(const char *path, char **const *commands, size_t count, unsigned flags,
	      struct report *report)
{
	struct tune tune = { .path = path, .flags = flags, .report = report };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), failed;

	if (fd < 0) {
		report_errno(report, READ, "cannot be read");
		return -1;
	}
	failed = tune_file(&tune, fd, commands, count);
	if (!failed)
		report_note(report, FORMAT, "starts will prefault %" PRIu64 " pages in %zu ranges",
			    tune.runs.pages, tune.runs.count);
	close(fd);
	verified_free(&tune.verified);
	runs_free(&tune.runs);
	return failed;
}
