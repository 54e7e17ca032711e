#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A hundred starts of one dump at the same time; eight dumps at the same time, of eight
# processes to one name. Each started dump is whole.
[ -n "${UNEXEC_TEST_LONG-}" ] || { echo "skipped: without UNEXEC_TEST_LONG" >&2; exit 77; }
. "${0%/*}/../lib/functions.sh"

subject=$top_builddir/tests/long/subject

# all COUNT COMMAND…: runs COUNT commands at the same time, each with its number in place of @.
# Each must print that it is whole.
all()
{
	count=$1
	shift
	rm -f said.* failed
	for number in $(seq "$count")
	do
		command=$(printf '%s' "$*" | sed "s/@/$number/g")
		# shellcheck disable=SC2086 # words
		{ timeout -k 5 300 $command > "said.$number" 2>&1 || echo "$?" > failed; } &
	done
	wait
	[ ! -e failed ] || fail "$*: status $(cat failed): $(cat said.* | sort | uniq -c)"
}

"$subject" dump 64 || fail "no dump"
all 100 ./dump
same "output of a hundred starts" "    100 whole 64" "$(cat said.* | sort | uniq -c)"

all 8 "$subject" dump.@ 128
for number in 1 2 3 4 5 6 7 8
do
	same "dump $number" "whole 128" "$(./dump.$number)"
	rm dump.$number
done

all 8 "$subject" dump 32
same "the last of eight" "whole 32" "$(./dump)"
rm -f said.*
same "left" "dump" "$(ls -A)"
