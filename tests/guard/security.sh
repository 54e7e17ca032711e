#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every promise in SECURITY.md names its test, and each test that it names is there and run.
text=$top_srcdir/SECURITY.md
status=0

# Each item of these sections as one line.
items()
{
	awk '/^## / { on = /^## (Fresh at each start|As strong as it was|Not in the file)$/ }
	     /^\* / && on { if (item) print item; item = $0; next }
	     /^  / && on { item = item $0; next }
	     { if (item) print item; item = "" }' "$text"
}

[ "$(items | wc -l)" -ge 10 ] || { echo "promises are not found"; exit 99; }
items | grep -v '`tests/' && { echo "no test is named"; status=1; }

for name in $(grep -o '`tests/[^`]*`' "$text" | tr -d '`' | sort -u)
do
	case $name in
	*.sh) [ -x "$top_srcdir/$name" ] ;;
	*) [ -e "$top_srcdir/$name.c" ] || [ -e "$top_srcdir/$name.cc" ] ;;
	esac || { echo "$name: no such test"; status=1; }
	grep -qE "[[:space:]]$name(\\\$\(EXEEXT\))?([[:space:]]|\$)" "$top_builddir/Makefile" ||
		{ echo "$name: is not run"; status=1; }
done
exit $status
