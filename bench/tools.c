/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of tools that people run all day: LaTeX with a heavy preamble, against itself and
 * against a format of the same preamble; the Python formatter black.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

#include "rows.h"

#define PAIRS 21

static const char *directory;

static void row(const char *name, double goal, const char *dump, const char *dumped,
		const char *ordinary)
{
	char *path = join(directory, dump);

	if (access(path, X_OK))
		row_skipped(name, "not installed");
	else
		row_of_pairs(name, goal, PAIRS, time_to_exit,
			     shell("cd '%s' && %s", directory, dumped),
			     shell("cd '%s' && %s", directory, ordinary));
}

void rows_of_tools(const char *work, const char *script, const char *python)
{
	static const char pdflatex_now[] = "cd pdflatex && exec paper.now/dump < line";

	directory = join(work, "tools");
	run(shell("rm -rf '%s' && '%s' '%s' '%s' > /dev/null", directory, script, directory,
		  python));
	row("dumped pdflatex, beamer and tikz / cold", 0.5, "pdflatex/paper.now/dump",
	    pdflatex_now, "cd pdflatex && exec pdflatex -interaction=nonstopmode paper");
	row("dumped pdflatex, beamer and tikz / a .fmt", 1, "pdflatex/paper.now/dump",
	    pdflatex_now, "cd pdflatex && exec pdflatex -jobname=paper '&preamble \\nowdocument'");
	row("dumped lualatex, beamer and tikz / cold", 0.5, "lualatex/paper.now/dump",
	    "cd lualatex && exec paper.now/dump < line",
	    "cd lualatex && exec lualatex -interaction=nonstopmode paper");
	row("dumped black, two lines of Python / cold", 0.2, "black-now",
	    "exec ./black-now -q - < text.py", "exec black -q - < text.py");
	run(shell("rm -rf '%s'", directory));
}
