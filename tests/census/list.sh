#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each entry of the census has a test that exists and is run, and everything in kernel.list, which
# the kernel shows of a process, has an entry.
. "$top_srcdir/tests/lib/functions.sh"

"$UNEXEC_TOOL" @census > census || fail "no census"
[ "$(wc -l < census)" -gt 100 ] || fail "the census is not complete"
same "names that two entries have" "" "$(cut -d '|' -f 2 census | sort | uniq -d)"
same "entries that no reader can use" "" "$(awk -F '|' '
	NF != 7 || $2 == "" || ($4 == "reset") != ($3 == "") && $4 !~ /not seen/ ||
	$4 == "reset" && $5 == ""' census)"

# test_problem TEST: prints why it is no test.
test_problem()
{
	file=${1%%:*}
	word=${1#"$file"}
	folder=${file%/*}
	[ -n "$file" ] || { echo "has no test"; return; }
	grep -qsE "%D%/${file##*/}( |\$)" "$top_srcdir/tests/$folder/tests.mk" ||
		{ echo "tests/$file is not in tests.mk"; return; }
	for source in "$top_srcdir/tests/$file" "$top_srcdir/tests/$file.c"
	do
		[ ! -f "$source" ] || grep -q -e "${word#:}" "$source" && [ -f "$source" ] && return
	done
	echo "tests/$file has no '${word#:}'"
}

cut -d '|' -f 2,7 census | while IFS='|' read -r name test
do
	problem=$(test_problem "$test")
	[ -z "$problem" ] || echo "$name: $problem"
done > problems
same "entries without a test" "" "$(cat problems)"

# A word of the list must be a whole word of an entry.
cut -d '|' -f 6 census | tr ' ' '\n' | sort -u > seen
sed '/^#/d' "$top_srcdir/tests/census/kernel.list" | tr ' \t' '\n\n' | sed '/^$/d' | sort -u > kernel
[ "$(wc -l < kernel)" -gt 100 ] || fail "kernel.list is not complete"
same "what the kernel shows and the census lacks" "" "$(comm -23 kernel seen)"
