#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A function's name is found by grep and clear in a backtrace: no two files of src define static
# functions of one name.
cd "$top_srcdir/src" || exit 99

names=$(grep -rE '^static [^=;(]*[a-z0-9_]+\(' --include='*.c' . | grep -v '__attribute__' |
	sed -E 's/^([^:]*):static [^=;(]*[^a-z0-9_]([a-z0-9_]+)\(.*/\2 \1/' | LC_ALL=C sort -u)
[ "$(echo "$names" | wc -l)" -gt 1000 ] || { echo "next to no functions were found"; exit 99; }
twice=$(echo "$names" | cut -d ' ' -f 1 | uniq -d)
[ -z "$twice" ] || {
	for name in $twice
	do
		echo "$names" | grep "^$name "
	done
	exit 1
}
