#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Draws how the folders of src depend on each other, by their #include lines and by the calls in
# their objects. Each folder is on the floor above the highest one that it uses. Arrows that follow
# from others are left out. Prints the circle and fails if there is one.
#
# Usage: floors.sh [--dot] SRC BUILD      the folders of sources and of objects
#
# As text, a line for each folder, the highest floor first; with --dot, as a graph for dot(1).
set -eu
here=$(dirname "$0") form=text
[ "$1" != --dot ] || { form=dot; shift; }
src=$1 build=$2
edges=$(mktemp)
trap 'rm -f "$edges"' EXIT

{
	(cd "$src" && grep -roE '^#[[:space:]]*include[[:space:]]*"[a-z0-9_/]+\.h"' \
		--include='*.[chS]' .) |
		sed -n -e 's|^\./\([a-z0-9_]*\)/.*"arch_[a-z0-9_]*\.h"|\1 arch|p' \
			-e 's|^\./\([a-z0-9_]*\)/[^:]*:.*"\([a-z0-9_]*\)/.*|\1 \2|p'
	sh "$here/calls.sh" "$src" "$build" | sed 's|/[^ ]*||g'
} | awk '$1 != $2' | LC_ALL=C sort -u > "$edges"

tsort "$edges" > /dev/null || exit 1 # it names the members of each circle

awk -v form=$form '
	function path(from, to,    i) {
		if (from == to)
			return 1
		for (i = 1; i <= degree[from]; i++)
			if (path(uses[from, i], to))
				return 1
		return 0
	}
	function follows(from, to,    i) {
		for (i = 1; i <= degree[from]; i++)
			if (uses[from, i] != to && path(uses[from, i], to))
				return 1
		return 0
	}
	function height(folder,    i, below, highest) {
		if (folder in floor)
			return floor[folder]
		highest = -1
		for (i = 1; i <= degree[folder]; i++)
			if ((below = height(uses[folder, i])) > highest)
				highest = below
		return floor[folder] = highest + 1
	}
	function arrows(folder,    i, level, line) {
		for (level = floor[folder] - 1; level >= 0; level--)
			for (i = 1; i <= degree[folder]; i++)
				if (floor[uses[folder, i]] == level && !follows(folder, uses[folder, i]))
					line = line " " uses[folder, i]
		return line
	}
	!($1 in seen) { seen[$1]; names[++count] = $1 }
	!($2 in seen) { seen[$2]; names[++count] = $2 }
	{ uses[$1, ++degree[$1]] = $2 }
	END {
		for (i = 1; i <= count; i++)
			if (height(names[i]) > top)
				top = floor[names[i]]
		if (form == "dot")
			print "digraph floors {\n\tnode [shape=box];"
		for (level = top; level >= 0; level--) {
			row = ""
			for (i = 1; i <= count; i++) {
				if (floor[names[i]] != level)
					continue
				row = row " " names[i] ";"
				line = arrows(names[i])
				if (form == "text")
					printf "%2d  %s\n", level, line == "" ? names[i] : \
						sprintf("%-11s →%s", names[i], line)
				else if (line != "")
					graph = graph "\t" names[i] " -> {" line " };\n"
			}
			if (form == "dot")
				print "\t{ rank=same;" row " }"
		}
		if (form == "dot")
			print graph "}"
	}' "$edges"
