#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Two starts of a dump, whichever way it was made, and the program have different stack
# canaries, AT_RANDOM and TIDs, and libc has the right TID. A block that was freed before the
# dump cannot be freed again.
. "${0%/*}/../lib/functions.sh"

fresh=$top_builddir/tests/dumpfile/fresh
ulimit -c 0

# check DUMP PROGRAM: the file PROGRAM has the program's own output.
check()
{
	head -4 "$2" > original
	for number in 1 2
	do
		limited "$1" < /dev/null > "start$number" 2> said
		same "status of $1" 134 $?
		grep -q 'double free' said || fail "$1: $(cat said)"
		same "lines of $1" 4 "$(grep -v '^waits' "start$number" | wc -l)"
		set -- "$1" "$2" $(sed -n 's/^TID //p' "start$number")
		same "libc's TID in $1" "$3" "$4"
	done
	same "values that starts of $1 have in common" "" \
		"$(cat original start1 start2 | grep -v '^waits' | sort | uniq -d)"
}

limited "$fresh" library > said || fail "no dump: $(cat said)"
check ./library said
limited "$UNEXEC_TOOL" run -q -o run -- "$fresh" - < /dev/null > said || fail "no dump"
check ./run said

mkfifo in
"$fresh" - < in > out 2> /dev/null &
exec 9> in
while ! grep -q waits out
do
	sleep 0.01
done
process=$(sed -n 's/^waits //p' out)
if limited "$UNEXEC_TOOL" dump -q "$process" -o dump
then
	check ./dump out
fi
if command -v gcore > /dev/null && gcore -o core "$process" > /dev/null 2>&1
then
	limited "$UNEXEC_TOOL" undump -q "core.$process" -o undump || fail "no dump"
	check ./undump out
fi
echo >&9
exec 9>&-
wait
exit 0
