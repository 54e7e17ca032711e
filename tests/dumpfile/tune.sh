#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec tune makes a dump prefault the pages that a run of it writes to, and changes nothing
# else. A file that is no dump, cannot be run or has no room is unchanged.
. "${0%/*}/../lib/functions.sh"

# there FILE: prints how many pages, of the 128 per MB that it writes to, are there before.
there()
{
	limited "./$1" write
	[ $? = 3 ] || fail "status of $1"
}

limited "$subject" dump full 1 || fail "no dump"
cp dump before
same "pages that are there without it" 0 "$(there dump)"
said=$(limited "$UNEXEC_TOOL" tune dump -- write 2>&1 >&-)
echo "$said"
echo "$said" | grep -q '^unexec: dump: note: starts will prefault [0-9]* pages in [0-9]* ranges$' ||
	fail "says $said"
same "pages that are there" 128 "$(there dump)"
runs ./dump
limited "$UNEXEC_TOOL" verify -q dump || fail "not whole"
same "size" "$(stat -c %s before)" "$(stat -c %s dump)"
[ "$(cmp -l before dump | wc -l)" -lt 9000 ] || fail "more than the plan has changed"

# A second run that does less replaces the ranges of the first.
same "with --quiet" "" "$(limited "$UNEXEC_TOOL" tune -q dump 2>&1 > out)"
same "output of the run" "alive:" "$(cat out)"
same "pages that are there then" 0 "$(there dump)"

# With --add, the pages of an earlier run stay.
limited "$UNEXEC_TOOL" tune -q dump write > /dev/null || fail "not tuned"
limited "$UNEXEC_TOOL" tune -q --add dump > /dev/null || fail "not tuned"
limited "$UNEXEC_TOOL" verify -q dump || fail "not whole"
same "pages of two runs" 128 "$(there dump)"
same "the runs" "  tuned     with write,  tuned     without arguments," \
	"$(limited "$UNEXEC_TOOL" info dump | grep '^  tuned' | tr '\n' ,)"

# If the plan has no room for all ranges, they are joined; holes stay holes.
limited "$subject" sparse sparse 20 || fail "no sparse dump"
small=$(disk_usage sparse)
limited "$UNEXEC_TOOL" tune -q sparse write > /dev/null || fail "not tuned"
limited "$UNEXEC_TOOL" verify -q sparse || fail "not whole"
same "pages of many that are there" 2560 "$(there sparse)"
[ "$(disk_usage sparse)" -le $((small + 100)) ] || fail "larger than before"

# In one step: the pages of several runs add up, and `unexec info` shows the runs.
limited "$UNEXEC_TOOL" undump -o - --tune= core 2>&1 | grep -q 'tune needs a file' ||
	fail "--tune without a file"
limited "$UNEXEC_TOOL" run --tune="'" -- /bin/true 2>&1 | grep -q 'words of a shell' ||
	fail "half a word"
cat > echo.sh <<'END'
read word
echo "said $word"
END
# runs of a shell that waits for its input
limited "$UNEXEC_TOOL" run -q -o one -- sh echo.sh < /dev/null || fail "no dump of sh"
limited "$UNEXEC_TOOL" run -v -o two --tune= --tune="a 'b  c'" -- sh echo.sh < /dev/null > out 2> said ||
	fail "no tuned dump: $(cat said)"
grep -q '^unexec: sh: note: starts will prefault [0-9]* pages' said || fail "says $(cat said)"
same "output of the runs that tune" "" "$(cat out)"
limited "$UNEXEC_TOOL" verify -q two || fail "not whole"
same "the tuned dump" "said x" "$(echo x | limited ./two)"
limited "$UNEXEC_TOOL" info two > text || fail "info"
grep -q '^  tuned     without arguments$' text || fail "$(cat text)"
grep -q "^  tuned     with a b..20..20c$" text || fail "$(cat text)"
limited "$UNEXEC_TOOL" info --json two > json || fail "info --json"
"$PYTHON3" -c 'import json
pages = json.load(open("json"))["prefault"]
assert pages["tuned"] == ["", r"a b\x20\x20c"] and pages["pages"] > 3, pages' || fail "$(cat json)"
limited "$UNEXEC_TOOL" info one | grep tuned && fail "one is not tuned"

# If something is wrong, nothing is changed.
kept()
{
	same "the file after $*" "$sum" "$(cksum < file)"
}
cp before file
sum=$(cksum < file)
refused "$UNEXEC_TOOL" tune /bin/true
says "no section"
refused "$UNEXEC_TOOL" tune nothing
says "No such file"
chmod -x file
as_nobody test -x "$UNEXEC_TOOL" && refused as_nobody "$UNEXEC_TOOL" tune file
kept "one that may not be run"
chmod +x file
refused "$UNEXEC_TOOL" tune file -- abort
says "ended by signal 6"
kept "a run that is killed"
limited "$UNEXEC_TOOL" tune -q file > /dev/null || fail "not tuned"
