#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump that is running can be replaced; the process continues with the old content.
. "${0%/*}/../lib/functions.sh"

mkdir dir && dir=$work/dir
limited "$subject" dir/dump || fail "no dump"
dir/dump sleep > out & pid=$!
trap 'kill $pid 2> /dev/null; cd /; rm -rf "$work"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
do
	[ -s out ] && break
	sleep 0.1
done
same "output" "alive: sleep" "$(cat out)"
before=$(stat -c %i dir/dump)
limited "$subject" dir/dump full 1 || fail "not replaced"
[ "$(stat -c %i dir/dump)" = "$before" ] && fail "written in place"
runs dir/dump
only dump
kill -0 $pid || fail "the running one has ended"
kill -USR1 $pid
wait $pid
same "status of the running one" 138 $?
# And one that dumps over itself: the generations test does.
