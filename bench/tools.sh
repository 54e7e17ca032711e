#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What `make bench` times of tools that people run all day, in DIRECTORY, as far as they are
# installed: LaTeX with a heavy preamble in pdflatex/ and lualatex/, the formatter black.
#
#   tools.sh DIRECTORY PYTHON
set -eu
source=$(cd "${0%/*}" && pwd)
python=$2
mkdir -p "$1"
cd "$1"

# latex ENGINE: "paper" as text, as a dump, and its preamble as a format of TeX's own.
latex()
{
	command -v "$1" > /dev/null && kpsewhich beamer.cls tikz.sty > /dev/null || return 0
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
	ENGINE=$1 "$source/../examples/tex/latex-now" paper
	ENGINE=$1 "$source/../examples/tex/latex-now" paper
	printf '%s\n' '\nowdocument' > line
	[ "$1" = lualatex ] ||
		"$1" -ini -jobname=preamble "&$1" '\input paper.now/preamble.tex \dump'
	cd ..
}

latex pdflatex
latex lualatex
if command -v black
then
	cat > text.py <<-'END'
		def f ( a,b = {'x':1, "y" : [1,2,3]} ) :
		  return  a if b  else   lambda q : q**2
	END
	"$python" -c 'import sys, black, click.testing, unexec
click.testing.CliRunner().invoke(black.main, ["-q", "-"], input="x  =  1\n")
if unexec.dump("black-now"):
    sys.exit(black.patched_main())'
fi
