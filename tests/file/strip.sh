#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# strip, objcopy and their kin of elfutils leave a dump working, and strip takes its
# symbols away.
. "${0%/*}/../lib/functions.sh"

limited "$subject" dump full 2 || fail "no dump"
# transform NAME COMMAND…: the result is in the file NAME.
transform()
{
	name=$1
	shift
	command -v "$1" > /dev/null || { echo "no $1"; return; }
	"$@" 2> complaints || fail "$*: $(cat complaints)"
	[ -s complaints ] && fail "$*: $(cat complaints)"
	"$READELF" -aW "$name" > text 2>&1
	# strip and objcopy give types to sections by their names; readelf may wonder at that.
	grep -i '^readelf: ' text
	runs "./$name"
	[ "$(disk_usage "$name")" -gt 1000 ] || fail "$name has lost content"
}
cp dump s1 && transform s1 strip s1
cp dump s2 && transform s2 strip --strip-debug s2
transform s3 strip -o s3 --strip-unneeded dump
transform o1 objcopy dump o1
transform o2 objcopy --strip-debug dump o2
transform o3 objcopy --remove-section=.comment dump o3
cp dump e1 && transform e1 eu-strip e1
transform e2 eu-strip -o e2 -f e2.debug dump
"$READELF" -sW s1 | grep -q subject_answer && fail "strip left the symbols"
[ "$(stat -c %s s1)" -lt "$(stat -c %s dump)" ] || fail "strip saved nothing"
# A stripped dump can still be looked into.
limited "$UNEXEC_TOOL" info s1 > /dev/null || fail "info of a stripped dump"
