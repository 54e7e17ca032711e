#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump still works after strip and objcopy of binutils and of elfutils: readelf has no complaint,
# unexec info can read it, and the removed symbols are gone. This includes dumps whose libraries
# are moved at the start.
. "${0%/*}/../lib/functions.sh"

# transform DUMP NAME COMMAND…: the result is in the file NAME.
transform()
{
	dump=$1
	name=$2
	shift 2
	command -v "$1" > /dev/null || { echo "no $1"; return 1; }
	"$@" 2> complaints || fail "$*: $(cat complaints)"
	[ -s complaints ] && fail "$*: $(cat complaints)"
	"$READELF" -aW "$name" > text 2> complaints || fail "readelf after $*: $(cat complaints)"
	[ -s complaints ] && fail "readelf after $*: $(cat complaints)"
	runs "./$name"
	[ "$(disk_usage "$name")" -gt 1000 ] || fail "$name has lost content"
	limited "$UNEXEC_TOOL" verify -q "$name" || fail "damaged by $*"
	limited "$UNEXEC_TOOL" info --text "$name" > text || fail "no info after $*"
	limited "$UNEXEC_TOOL" info --text "$dump" | cmp - text || fail "other info after $*"
}

# transform_all DUMP
transform_all()
{
	cp "$1" s1 && transform "$1" s1 strip s1
	cp "$1" s2 && transform "$1" s2 strip --strip-debug s2
	transform "$1" s3 strip -o s3 --strip-unneeded "$1"
	transform "$1" o1 objcopy "$1" o1
	transform "$1" o2 objcopy --strip-debug "$1" o2
	transform "$1" o3 objcopy --remove-section=.comment "$1" o3
	cp "$1" e1 && transform "$1" e1 eu-strip e1 || rm e1
	transform "$1" e2 eu-strip -o e2 -f e2.debug "$1"
	for name in s1 e1
	do
		[ -e "$name" ] || continue
		"$READELF" -sW "$name" | grep -q subject_answer && fail "$name has symbols"
		[ "$(stat -c %s "$name")" -lt "$(stat -c %s "$1")" ] || fail "$name is not smaller"
	done
}

limited "$subject" dump full 2 || fail "no dump"
transform_all dump
setarch -R true || { echo "setarch -R is not possible here"; exit 0; }
limited setarch -R "$subject" dump2 full 2 || fail "no dump by setarch -R"
transform_all dump2
