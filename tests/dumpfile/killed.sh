#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# If the writer is killed at any moment, either the old file or the new one is there and whole,
# no other file is left, and the original reports the failure and continues.
. "${0%/*}/../lib/functions.sh"

mkdir dir && dir=$work/dir
REAL_TOOL=$UNEXEC_TOOL
UNEXEC_TOOL=$top_builddir/tests/dumpfile/measure
export REAL_TOOL UNEXEC_TOOL
start=$(date +%s%N)
limited "$subject" dir/dump full 3 || fail "no dump"
took=$((($(date +%s%N) - start) / 1000))
echo "the whole takes $took microseconds"
runs dir/dump
printf 'the old file' > old
killed=0
leftovers=0
made=0
step=0
while [ $step -lt 60 ]
do
	KILL_AFTER=$((took * step / 50))
	export KILL_AFTER
	step=$((step + 1))
	cp old dir/dump
	limited "$subject" dir/dump full 3 > said 2>&1
	status=$?
	# If the writer is killed before it renames the complete file, its temporary name is left.
	for left in dir/.dump.*
	do
		[ -e "$left" ] || continue
		runs "$left"
		rm "$left"
		leftovers=$((leftovers + 1))
	done
	only dump
	if [ $status = 0 ]
	then
		made=$((made + 1))
		runs dir/dump
	else
		[ $status = 1 ] || fail "status $status after $KILL_AFTER microseconds"
		says UNEXEC_SYSTEM
		# If it is killed after renaming, it cannot report success.
		cmp -s old dir/dump || runs dir/dump
		killed=$((killed + 1))
	fi
done
echo "$killed killed, $made made, $leftovers left over"
[ $leftovers -le 2 ] || fail "files are left beside it"
[ $killed -gt 5 ] || fail "hardly ever killed"
