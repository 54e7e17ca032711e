#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump of a process with 34,000 mappings is an ELF file that readelf, strip and all verbs of
# unexec can read, and runs.
. "${0%/*}/../lib/functions.sh"

limited "$top_builddir/tests/dumpfile/many" dump 34000
case $? in
0) ;;
77) skip "a process may not have so many mappings" ;;
*) fail "no dump" ;;
esac

check()
{
	same "output of $1" "all there" "$(limited "$1" 2>&1)"
	limited "$UNEXEC_TOOL" verify -q "$1" || fail "verify $1"
	limited "$UNEXEC_TOOL" info "$1" > text || fail "info $1"
	"$READELF" -hlSsW "$1" > text 2> complaints || fail "readelf $1: $(cat complaints)"
	[ ! -s complaints ] || fail "readelf $1: $(cat complaints)"
}

check ./dump
grep -q ' \.text ' text || fail "no section of the program"
limited "$UNEXEC_TOOL" tune -q ./dump > said 2>&1 || fail "tune: $(cat said)"
check ./dump
limited strip dump 2> complaints || fail "strip: $(cat complaints)"
check ./dump
