#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes with an almost empty stack are dumped: without environment, and with at most a few
# KB below the stack's end, which is elsewhere each time.
. "${0%/*}/../lib/functions.sh"

program=$top_builddir/tests/dumpfile/.libs/subject # libtool's, if it is not linked to the archive
[ -x "$program" ] || program=$subject
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 \
	21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
do
	limited env -i UNEXEC_TOOL="$UNEXEC_TOOL" LD_LIBRARY_PATH="${UNEXEC_LIBRARY%/*}" \
		"$program" dump || fail "no dump"
done
runs ./dump
