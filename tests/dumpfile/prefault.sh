#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A start prefaults the pages that --prefault selects: none, all that the process had written, or,
# if it is not given, those that each start writes, and all where it finds that faults are dear.
. "${0%/*}/../lib/functions.sh"

# there FILE: prints how many pages, of the 128 per MB that it writes to, are there before.
there()
{
	limited "./$1" write
	[ $? = 3 ] || fail "status of $1"
}

# shown FILE: prints the pages that `unexec info` shows, those of each start and the others.
shown()
{
	limited "$UNEXEC_TOOL" info --json "$1" > json || fail "info of $1"
	"$PYTHON3" -c 'import json
pages = json.load(open("json"))["prefault"]
print(pages["pages"], pages["where_faults_are_dear"])'
}

# From inside.
limited "$subject" auto full 1 || fail "no dump"
SUBJECT_PREFAULT=1 limited "$subject" all full 1 || fail "no dump"
SUBJECT_PREFAULT=2 limited "$subject" none full 1 || fail "no dump"
same "pages of a small process that are there" 0 "$(there auto)"
same "pages that are there with all" 128 "$(there all)"
same "pages that are there with none" 0 "$(there none)"
same "pages that info shows with none" "0 0" "$(shown none)"
[ "$(shown auto | cut -d ' ' -f 1)" -gt 3 ] || fail "no pages that each start writes: $(shown auto)"
[ "$(shown auto | cut -d ' ' -f 2)" = 0 ] || fail "more for a small process: $(shown auto)"
limited "$UNEXEC_TOOL" info all > text || fail "info"
grep -q '^  prefault  [0-9]* pages$' text || fail "$(cat text)"

# All of a process of medium size, if faults are dear: that depends on the machine.
limited "$subject" medium full 4 || fail "no dump"
[ "$(shown medium | cut -d ' ' -f 2)" -gt 1000 ] || fail "not all pages: $(shown medium)"
case $(there medium) in
0 | 512) ;;
*) fail "$(there medium) pages are there, neither all nor none" ;;
esac
limited "$subject" large full 40 || fail "no dump"
[ "$(shown large | cut -d ' ' -f 2)" = 0 ] || fail "more for a large process: $(shown large)"

# From outside, of the dump: its memory is mapped from a file and written in part.
"$top_builddir/tests/lib/clean_exec" ./auto sleep > sleeping &
pid=$!
trap 'kill $pid; cd /; rm -rf "$work"' EXIT
until grep -q alive sleeping
do
	kill -0 $pid || fail "it does not sleep"
	sleep 0.02
done
for pages in all none auto
do
	limited "$UNEXEC_TOOL" dump -q --prefault=$pages -o outside.$pages $pid || fail "no dump"
done
[ "$(shown outside.all | cut -d ' ' -f 1)" -gt 256 ] || fail "not all: $(shown outside.all)"
same "pages with none" "0 0" "$(shown outside.none)"
[ "$(shown outside.auto | cut -d ' ' -f 1)" -lt 256 ] || fail "all: $(shown outside.auto)"
