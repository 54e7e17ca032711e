#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The rows of everyday tools, as far as they are installed: LaTeX with a heavy
# preamble, against itself and against TeX's own format of the same preamble; the formatter
# black; languages at their prompt with libraries loaded.
#
#   tools.sh DIRECTORY PYTHON
#
# DIRECTORY has the program pair; files are made in DIRECTORY/tools. UNEXEC_TOOL is in the
# environment; PYTHONPATH has the module unexec.
set -eu
latex_now=$(cd "${0%/*}/../examples/tex" && pwd)/latex-now
pair=$(cd "$1" && pwd)/pair
work=$1/tools
python=$2
rm -rf "$work"
mkdir "$work"
cd "$work"

# row NAME GOAL COMMAND-A COMMAND-B
row()
{
	"$pair" "$1" "$2" 21 /bin/sh -c "$3" -- /bin/sh -c "$4"
}

skipped()
{
	printf '%-44s  skipped: %s\n' "$1" "$2"
}

# latex ENGINE GOAL: times "paper" as text, as a dump, and with its preamble as a format.
latex()
{
	name="dumped $1, beamer and tikz"
	if ! command -v "$1" > /dev/null || ! kpsewhich beamer.cls tikz.sty > /dev/null
	then
		skipped "$name / cold" "not installed"
		return
	fi
	mkdir "$1"
	cd "$1"
	cat > paper.tex <<-'END'
		\documentclass{beamer}
		\usepackage{amsmath,amssymb,graphicx,tikz,hyperref}
		\usetikzlibrary{arrows,positioning,calc}
		\usetheme{Madrid}
		\title{A title}
		\author{Somebody}
		\begin{document}
		\begin{frame}\titlepage\end{frame}
		\begin{frame}{One}\label{one}
		Some words, $\int_0^1 x^2\,dx = \frac13$; see frame~\ref{one}.
		\begin{tikzpicture}\draw[->] (0,0) -- (2,1) node[right] {$x$};\end{tikzpicture}
		\end{frame}
		\end{document}
	END
	ENGINE=$1 "$latex_now" paper > /dev/null
	ENGINE=$1 "$latex_now" paper > /dev/null
	printf '%s\n' '\nowdocument' > line
	row "$name / cold" "$2" 'exec paper.now/dump < line' \
		"exec $1 -interaction=nonstopmode paper"
	if [ "$1" = pdflatex ]
	then
		$1 -ini -jobname=preamble "&$1" '\input paper.now/preamble.tex \dump' > /dev/null
		row "$name / a .fmt" 1 'exec paper.now/dump < line' \
			"exec $1 -jobname=paper '&preamble \\nowdocument'"
	fi
	cd ..
}

latex pdflatex 0.5
latex lualatex 0.5
name="dumped black, two lines of Python / cold"
if command -v black > /dev/null
then
	printf '%s\n' 'def f ( a,b = {"x":1, "y" : [1,2,3]} ) :' \
		'  return  a if b  else   lambda q : q**2' > text.py
	"$python" -c 'import black, click.testing, unexec
click.testing.CliRunner().invoke(black.main, ["-q", "-"], input="x  =  1\n")
unexec.dump("black-now", entry=black.patched_main)'
	row "$name" 0.15 'exec ./black-now -q - < text.py' 'exec black -q - < text.py'
else
	skipped "$name" "not installed"
fi

# prompt NAME LOAD LINE COMMAND…: from the start of COMMAND, which reads LOAD and LINE, to its end;
# dumped when it has read LOAD.
prompt()
{
	name="dumped $1, one line / cold" dump=$1-now
	printf '%s\n' "$2" > load
	printf '%s\n' "$3" > line
	cat load line > both
	shift 3
	if ! command -v "$1" > /dev/null
	then
		skipped "$name" "not installed"
		return
	fi
	(cat load; sleep 3) | "$UNEXEC_TOOL" run -q -o "$dump" -- "$@" > /dev/null
	# Input comes from a pipe: some programs wait by epoll, which refuses files.
	row "$name" 0.2 "cat line | ./$dump" "cat both | $*"
}

prompt node "const zlib = require('zlib'), crypto = require('crypto'), http = require('http'); 0" \
	'6 * 7' node -i
prompt ruby 'require "json"; require "set"; require "net/http"; require "erb"; 1' 'puts 6 * 7' \
	irb -f --noprompt
prompt swipl 'use_module([library(clpfd), library(chr)]).' 'X #> 3, X #< 5, print(X), nl.' \
	swipl -q
prompt sbcl '(require :asdf) (require :sb-posix)' '(* 6 7)' sbcl --noinform --no-userinit
if command -v javac > /dev/null
then
	cat > App.java <<-'END'
		import java.util.*;
		import java.util.stream.*;
		public class App {
			public static void main(String[] arguments) {
				Scanner input = new Scanner(System.in);
				Map<String, Integer> words = new HashMap<>();
				while (input.hasNextLine()) {
					for (String word : input.nextLine().split(" "))
						words.merge(word, 1, Integer::sum);
					System.out.println(words.entrySet().stream()
						.map(e -> e.getKey() + e.getValue()).sorted()
						.collect(Collectors.joining(" ")));
				}
			}
		}
	END
	javac App.java
fi
prompt java 'a b a' 'b c' java -XX:-UsePerfData -cp . App
cd ..
rm -rf tools
