/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of programs that do not use libunexec: dumped by PID, against gcore and CRIU; from a
 * core, against a copy of the core; LaTeX with its preamble read, against LaTeX.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

#define PAIRS 5

static const char *tool;
static const char *directory;

/* ---- The process -------------------------------------------------------------------- */

struct target {
	pid_t pid;
	char pid_text[16];
	FILE *said;
};

/* Starts it and waits for its first line. */
static struct target target_start(const char *const *command)
{
	struct target target;
	char line[100];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	target.pid = start(command, ends[1]);
	close(ends[1]);
	target.said = fdopen(ends[0], "r");
	if (!target.said || !fgets(line, sizeof(line), target.said))
		die("the process to be dumped");
	snprintf(target.pid_text, sizeof(target.pid_text), "%ld", (long)target.pid);
	return target;
}

static struct target job_start(const char *megabytes, const char *mode)
{
	return target_start((const char *[]){ join(directory, "target"), megabytes, mode,
					      NULL });
}

static void target_end(struct target *target)
{
	kill(target->pid, SIGKILL);
	waitpid(target->pid, NULL, 0);
	fclose(target->said);
}

/* Returns the longest stop since the last call, in seconds. */
static double longest_gap(struct target *target)
{
	uint64_t gap;

	kill(target->pid, SIGUSR1);
	if (fscanf(target->said, "%" SCNu64, &gap) != 1)
		die("the process to be dumped");
	return (double)gap / 1e9;
}

static double pause_of(struct target *target, const char *const *command)
{
	longest_gap(target);
	time_to_exit(command);
	return longest_gap(target);
}

/* ---- Commands ------------------------------------------------------------------------ */

static bool works(const char *const *command)
{
	int status;

	return waitpid(start(command, 2), &status, 0) > 0 && status == 0;
}

/* ---- Rows ---------------------------------------------------------------------------- */

static const char *const *dump_command(const struct target *target)
{
	return shell("exec '%s' dump -q %s -o '%s/target.dump'", tool, target->pid_text,
		     directory);
}

static const char *const *gcore_command(const struct target *target)
{
	return shell("exec gcore -o '%s/target.core' %s > /dev/null 2>&1", directory,
		     target->pid_text);
}

static void clean(void)
{
	run(shell("cd '%s' && rm -f target.dump* target.core.* core.copy", directory));
}

/* An average process: some libraries, some memory. */
static void row_of_interpreter(const char *python)
{
	const char name[] = "dump of python by pid / gcore";
	const char *command[] = {
		python, "-c", "import asyncio, ssl, sqlite3, unittest, time; print('ready', "
			      "flush=True); time.sleep(1e6)", NULL
	};
	struct target target;

	if (!find_program("gcore")) {
		row_skipped(name, "no gcore");
		return;
	}
	target = target_start(command);
	/* Both write to new files: replacing a file waits until the old one is removed. */
	row_of_pairs(name, 1.0 / 3, 21, time_to_exit,
		     shell("exec '%s' dump -q %s -o '%s'/target.dump.$$", tool,
			   target.pid_text, directory),
		     shell("exec gcore -o '%s'/target.core.$$ %s > /dev/null 2>&1", directory,
			   target.pid_text));
	target_end(&target);
	clean();
}

/* A finished dump is on the disk; so its competitors must sync, too. */
static void rows_of_job(void)
{
	const char name[] = "dump of 1 GB by pid / gcore and sync";
	const char undump_name[] = "undump of 1 GB / cp and sync of the core";
	struct target target;

	if (!find_program("gcore")) {
		row_skipped(name, "no gcore");
		row_skipped(undump_name, "no gcore");
		return;
	}
	target = job_start("1024", "idle");
	row_of_pairs(name, 1.0 / 3, PAIRS, time_to_exit, dump_command(&target),
		     shell("cd '%s' && gcore -o target.core %s > /dev/null 2>&1 && "
			   "sync target.core.%s",
			   directory, target.pid_text, target.pid_text));
	target_end(&target);
	row_of_pairs(undump_name, 0, PAIRS, time_to_exit,
		     shell("cd '%s' && exec '%s' undump -q target.core.%s -o target.dump",
			   directory, tool, target.pid_text),
		     shell("cd '%s' && cp target.core.%s core.copy && sync core.copy",
			   directory, target.pid_text));
	clean();
}

static void row_of_pauses(void)
{
	const char name[] = "pause of a process of 256 MB / by gcore";
	static struct row row;
	struct target target;

	if (!find_program("gcore")) {
		row_skipped(name, "no gcore");
		return;
	}
	target = job_start("256", "busy");
	row = (struct row){ .name = name, .count = PAIRS };
	for (size_t i = 0; i < PAIRS; i++) {
		row.a[i] = pause_of(&target, dump_command(&target));
		row.b[i] = pause_of(&target, gcore_command(&target));
	}
	row_print(&row);
	target_end(&target);
	clean();
}

static void row_of_criu(void)
{
	const char name[] = "dump of 1 GB by pid / CRIU";
	const char *const *criu;
	struct target target;

	if (!find_program("criu")) {
		row_skipped(name, "no criu");
		return;
	}
	target = job_start("1024", "idle");
	criu = shell("mkdir -p '%s/criu' && exec criu dump --leave-running --shell-job -t %s "
		     "-D '%s/criu' -o log > /dev/null 2>&1", directory, target.pid_text,
		     directory);
	if (works(criu))
		row_of_pairs(name, 0, PAIRS, time_to_exit, dump_command(&target), criu);
	else
		row_skipped(name, "criu does not run here");
	target_end(&target);
	run(shell("cd '%s' && rm -rf target.dump criu", directory));
}

/* The preamble of many papers; a page of text and formulas comes from standard input. */
#define PREAMBLE "\\documentclass{article}\\usepackage{amsmath,amssymb,graphicx,hyperref}" \
	"\\begin{document}"
#define PAGE "Some text, $6\\cdot 7=42$.\n\\end{document}\n"

static void row_of_latex(void)
{
	const char name[] = "dumped latex, to first page / cold";

	if (!find_program("latex")) {
		row_skipped(name, "no latex");
		return;
	}
	/* LaTeX waits for its next line, which never comes. */
	run(shell("mkdir -p '%s/latex' && cd '%s/latex' && "
		  "printf '%%s' '" PAGE "' > page.tex && "
		  "mkfifo silent && { sleep 1000 > silent & } && "
		  "'%s' run -q -o latex-now -- latex '" PREAMBLE "' < silent > /dev/null; "
		  "status=$?; kill $!; exit $status", directory, directory, tool));
	row_of_pairs(name, 1.0 / 5, 21, time_to_exit,
		     shell("cd '%s/latex' && exec ./latex-now < page.tex", directory),
		     shell("cd '%s/latex' && exec latex '" PREAMBLE "' < page.tex",
			   directory));
	run(shell("rm -rf '%s/latex'", directory));
}

void rows_of_outside(const char *work, const char *python)
{
	tool = getenv("UNEXEC_TOOL");
	directory = work;
	if (!tool)
		die("UNEXEC_TOOL");
	row_of_interpreter(python);
	rows_of_job();
	row_of_pauses();
	row_of_criu();
	row_of_latex();
}
