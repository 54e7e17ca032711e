#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints which source calls into which: "A B" if the object of A uses a function or a variable that
# the object of B in the same program defines.
#
# Usage: calls.sh SRC BUILD      the folders of sources and of objects
#
# Objects whose source is gone are left out.
#
# The restarter and the code that stays in dumps are linked of *.ro, the library of *.o in .libs,
# the program of all other *.o.
set -eu
: "${NM:=nm}"
src=$(cd "$1" && pwd)
cd "$2/src"

objects()
{
	find . -name '*.ro' -o -name 'libunexec_tool_a-*.o' -o -name 'unexec-*.o' -o \
		-path '*/.libs/*.o' | while read -r object
	do
		source=$(echo "$object" |
			sed -e 's/[^/]*_a-//; s/[^/]*_la-//; s/unexec-//; s|/\.libs||; s/\.[a-z]*$//')
		[ ! -e "$src/$source.c" ] && [ ! -e "$src/$source.S" ] || echo "$object"
	done
}

{
	objects | xargs $NM -A --defined-only --extern-only | sed 's/^/defined /; s/:/ /'
	objects | xargs $NM -A --undefined-only | sed 's/^/used /; s/:/ /'
} | awk '
	function program(object) {
		if (object ~ /\/redirect[^\/]*\.ro$/)
			return "redirect"
		if (object ~ /\.ro$/)
			return "restarter"
		return object ~ /\/\.libs\// ? "library" : "tool"
	}
	# libtool and automake put the name of the program or library before that of the object.
	function source(object) {
		sub(/^\.\//, "", object)
		sub(/\.libs\//, "", object)
		sub(/(libunexec_tool_a|libunexec_la|unexec)-/, "", object)
		sub(/\.[a-z]+$/, "", object)
		return object
	}
	$1 == "defined" { owner[program($2), $NF] = source($2); next }
	{ used[++count] = program($2) " " source($2) " " $NF }
	END {
		for (i = 1; i <= count; i++) {
			split(used[i], part, " ")
			if ((part[1], part[3]) in owner && owner[part[1], part[3]] != part[2])
				print part[2], owner[part[1], part[3]]
		}
	}' | LC_ALL=C sort -u
