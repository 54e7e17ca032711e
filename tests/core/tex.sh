#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The old undump of TeX: initex reads a format, its core is made into a program that has the
# format loaded. It typesets as the ordinary one does.
. "${0%/*}/core.sh"

need tex latex pdftex
SOURCE_DATE_EPOCH=1000000000 FORCE_SOURCE_DATE=1
export SOURCE_DATE_EPOCH FORCE_SOURCE_DATE

# at_star COMMAND…: dumps a core of it, made when it has read all input and prompts with "*".
at_star()
{
	rm -f input
	mkfifo input
	printf '%s\n' '"$@" < input & exec 3> input' 'tries=0' \
		'until [ "$(tail -c 2 printed)" = "*" ] || [ $tries = 500 ]' \
		'do sleep 0.02; tries=$((tries + 1)); done' 'kill -ABRT $!; wait' > start
	kernel_core sh start "$@"
	undumped
}

# typesets NAME: the dump typesets NAME to the same file as in ordinary/.
typesets()
{
	limited ./dump > out 2>&1 || fail "status $?: $(cat out)"
	cmp "$1.dvi" "ordinary/$1.dvi" || fail "$(cat out)"
	rm "$1.dvi"
}

mkdir ordinary
cat > plain.doc <<'END'
Some words, $\int_0^1 x^2\,dx = {1\over3}$, and \TeX.
\bye
END
cat > document.tex <<'END'
\documentclass{article}
\begin{document}
\section{One}\label{one}
Some words, $\int_0^1 x^2\,dx = \frac13$, in section~\ref{one}.
\end{document}
END
limited tex -jobname=paper plain.doc > out 2>&1 || fail "tex: $(cat out)"
mv paper.dvi ordinary
for time in first second
do
	limited latex -interaction=nonstopmode document > out 2>&1 || fail "latex: $(cat out)"
done
mv document.dvi ordinary

at_star tex -ini -jobname=paper '\input plain'
for time in first second
do
	typesets paper < plain.doc
done

at_star pdftex -ini -etex -jobname=document '\let\dump\relax \input latex.ini'
for time in first second
do
	echo '\input document' | typesets document
done

at_star latex -jobname=document '\relax'
echo '\input document' | typesets document
