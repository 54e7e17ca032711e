#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Plain TeX with macros and fonts read, dumped when it asks for its next line: it makes the same
# file of a document as the ordinary one.
. "${0%/*}/../lib/functions.sh"

need tex pdftex
SOURCE_DATE_EPOCH=1000000000 FORCE_SOURCE_DATE=1
export SOURCE_DATE_EPOCH FORCE_SOURCE_DATE
cat > macros.tex <<'END'
\font\huge=cmbx12 scaled\magstep3
\def\title#1{\centerline{\huge #1}\bigskip}
\newcount\n
\def\down{\advance\n by-1 \ifnum\n>0 word \the\n, \expandafter\down\fi}
\headline{\jobname\hfil\folio}
END
cat > text.tex <<'END'
\title{On $\sqrt2$}
\n=2000 \down and $\int_0^1 x^2\,dx = {1\over3}$, by \TeX\ on \number\year.
\bye
END

# typesets OUTPUT ENGINE
typesets()
{
	limited "$2" -jobname=paper '\input macros \input text' < /dev/null > out 2>&1 ||
		fail "$2: $(cat out)"
	mv "$1" ordinary
	mkfifo silent
	exec 9<> silent
	limited "$UNEXEC_TOOL" run -q -o dump -- "$2" -jobname=paper '\input macros' \
		< silent > out 2>&1 9>&- || fail "no dump of $2: $(cat out)"
	exec 9>&-
	rm silent
	for start in one two
	do
		echo '\input text' | limited ./dump > out 2>&1 ||
			fail "start $start of $2: status $?: $(cat out)"
		cmp "$1" ordinary || fail "start $start of $2: $(cat out)"
		rm "$1"
	done
}
typesets paper.dvi tex
typesets paper.pdf pdftex
! command -v luatex > /dev/null || typesets paper.pdf luatex
