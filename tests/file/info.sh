#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec info says what is inside a dump, as text and as JSON, and says what is wrong
# with other files.
. "${0%/*}/../lib/functions.sh"

limited "$subject" dump full 3 || fail "no dump"
limited "$UNEXEC_TOOL" info dump > text || fail "info"
cat text
[ -s text ] || fail "says nothing"
for word in heap stack 'libc[.-]' libunexec subject
do
	grep -q "$word" text || fail "no $word in it"
done
limited "$UNEXEC_TOOL" info --json dump > json || fail "info --json"
limited "$UNEXEC_TOOL" info dump --json > json2 || fail "info FILE --json"
cmp json json2 || fail "the order of arguments matters"
"$PYTHON3" -m json.tool json > pretty || fail "no JSON"
grep -q 'libc[.-]' pretty || fail "no libc in the JSON"
same "generation" 1 \
	"$("$PYTHON3" -c 'import json; print(json.load(open("json"))["generation"])')"

# wrong FILE: one line on standard error, status not 0, not by a signal.
wrong()
{
	limited "$UNEXEC_TOOL" info "$1" > out 2> said
	status=$?
	[ $status = 0 ] && fail "info $1 says it is well"
	[ $status -lt 124 ] || fail "status $status of info $1"
	[ -s out ] && fail "says something of $1"
	same "lines about $1" 1 "$(wc -l < said)"
	grep -q '^unexec: ' said || fail "no prefix: $(cat said)"
	grep -q "$1" said || fail "does not name $1: $(cat said)"
}
wrong /bin/sh
wrong /etc/passwd
wrong none
wrong .
: > empty
wrong empty
for part in 10 64 100 1000 5000
do
	head -c $part dump > short
	wrong short
done
head -c $(($(stat -c %s dump) / 2)) dump > half
wrong half
