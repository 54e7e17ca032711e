#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Folders and files of src use each other in one direction, and HACKING.md shows how and where.
cd "$top_builddir" || exit 99

calls=$(sh "$top_srcdir/doc/calls.sh" "$top_srcdir/src" .) || exit 99
[ "$(echo "$calls" | wc -l)" -gt 100 ] || { echo "next to no calls were found"; exit 99; }
circles=$(echo "$calls" | tsort 2>&1 > /dev/null)
[ -z "$circles" ] || { echo "circles of files:"; echo "$circles"; exit 1; }

floors=$(sh "$top_srcdir/doc/floors.sh" "$top_srcdir/src" .) || exit 1
printed=$(awk '/^```$/ { inside = 0 } inside; /^<!-- floors -->$/ { getline; inside = 1 }' \
	"$top_srcdir/HACKING.md")
[ "$floors" = "$printed" ] || {
	echo "'make floors' brings HACKING.md up to date:"
	echo "$floors"
	exit 1
}

missing=$(grep -oE '`(src|tests|include|doc)/[A-Za-z0-9_/.]+`' "$top_srcdir/HACKING.md" | tr -d '`' |
	sort -u | while read -r path
	do
		[ -e "$top_srcdir/$path" ] || echo "$path"
	done)
[ -z "$missing" ] || { echo "not there, but in HACKING.md:"; echo "$missing"; exit 1; }
