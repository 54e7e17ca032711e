#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The example latex-now: LaTeX dumped after the preamble makes the same files as the ordinary
# one, byte for byte, also of new text. It reads the preamble again when that has changed.
# UNEXEC_TEST_LONG=1: also a heavy preamble and lualatex, where these are installed.
. "${0%/*}/../lib/functions.sh"

need latex pdflatex
latex_now=$top_srcdir/examples/tex/latex-now
# TEXMFVAR is for LuaTeX's table of fonts.
SOURCE_DATE_EPOCH=1000000000 FORCE_SOURCE_DATE=1 TEXMFVAR=$work/texmf
export SOURCE_DATE_EPOCH FORCE_SOURCE_DATE TEXMFVAR ENGINE
mkdir paper
cd paper || exit 99

# runs_of NAME COMMAND…: runs it twice, since the second run reads files of the first, and keeps
# the files of each, except the log, in NAME.
runs_of()
{
	name=$work/$1
	shift
	find . -mindepth 1 ! -path './paper.tex' ! -path './paper.now*' -delete
	rm -rf "$name"
	for run in 1 2
	do
		limited "$@" paper > "$work/said" 2>&1 ||
			fail "run $run of $*: status $?: $(tail -n 20 "$work/said")"
		mkdir -p "$name/$run"
		find . -maxdepth 1 -type f ! -name '*.log' -exec cp {} "$name/$run" \;
	done
}

# compare ENGINE
compare()
{
	ENGINE=$1
	runs_of ordinary "$1" -interaction=nonstopmode
	runs_of dumped "$latex_now"
	diff -r "$work/ordinary" "$work/dumped" || fail "$1: $(tail -n 20 "$work/said")"
	"$UNEXEC_TOOL" info paper.now/dump > /dev/null || fail "there is no dump"
}

cat > paper.tex <<'END'
\documentclass{article}
\usepackage{amsmath,amssymb,graphicx,hyperref}
\newsavebox{\abox}
\begin{lrbox}{\abox}in a box\end{lrbox}
\makeindex
\title{A title}
\begin{document} \maketitle
\tableofcontents
\section{One}\label{one}
Some words, $\int_0^1 x^2\,dx = \frac13$, \index{word}\usebox{\abox}, in section~\ref{one}.
\end{document}
END
compare latex
compare pdflatex
[ -s paper.pdf ] && [ -s paper.idx ] || fail "nothing to compare"

# New text, which is also shorter than the existing files. The preamble is not read again.
before=$(cksum paper.now/dump)
sed -i '/tableofcontents/d; s/Some words/Others/' paper.tex
compare pdflatex
same "the dump" "$before" "$(cksum paper.now/dump)"
sed -i 's/A title/Another title/' paper.tex
compare pdflatex
[ "$before" != "$(cksum paper.now/dump)" ] || fail "an old preamble"

# A mistake in the preamble gives LaTeX's ordinary error.
sed -i 's/,hyperref/,no-such-package/' paper.tex
"$latex_now" paper > said 2>&1 && fail "accepts a missing file"
grep -q 'no-such-package.sty. not found' said || fail "$(cat said)"

[ "${UNEXEC_TEST_LONG-}" ] && kpsewhich beamer.cls tikz.sty > /dev/null || exit 0
cat > paper.tex <<'END'
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
compare pdflatex
! command -v lualatex > /dev/null || compare lualatex
