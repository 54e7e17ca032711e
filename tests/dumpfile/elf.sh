#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump is a proper ELF file: readelf -aW and eu-readelf have no complaint, the
# program's sections are at their run-time addresses, the heap and the restarter have
# sections, and the symbols of program and libc are there.
. "${0%/*}/../lib/functions.sh"

limited "$subject" dump || fail "no dump"
"$READELF" -aW dump > text 2> complaints || fail "readelf: $(cat complaints)"
[ -s complaints ] && fail "readelf: $(cat complaints)"
grep -i -E 'warning|error: |corrupt' text && fail "readelf complains"
if command -v eu-readelf > /dev/null
then
	eu-readelf -hlS dump > /dev/null 2> complaints || fail "eu-readelf: $(cat complaints)"
	[ -s complaints ] && fail "eu-readelf: $(cat complaints)"
fi
same "type" "EXEC" "$(sed -n 's/^ *Type: *\([A-Z]*\).*/\1/p' text)"
grep -q INTERP text && fail "it asks for an interpreter"

# section NAME: its address.
section()
{
	"$READELF" -SW dump | sed -n 's/^ *\[ *[0-9]*\] //p' |
		awk -v name="$1" '$1 == name { print $3 }'
}
for name in .text .data .bss .rodata .heap
do
	address=$(section $name)
	[ -n "$address" ] || fail "no section $name"
	same "$name is there once" 1 "$(section $name | wc -l)"
	[ "$address" = 0000000000000000 ] && fail "section $name has no address"
done
"$READELF" -SW dump | grep -q 'libc[.-]' || fail "no section of libc"
# Sections have the new content: the variable's bytes are at the symbol's address.
symbol=$("$READELF" -sW dump | awk '$8 == "subject_data" { print $2; exit }')
[ -n "$symbol" ] || fail "no symbol subject_data"
"$READELF" -sW dump | awk '$8 ~ /^malloc(@|$)/ { found = 1 } END { exit !found }' ||
	fail "no symbol malloc"
"$READELF" -sW dump |
	awk '$8 == "subject_answer" && $4 == "FUNC" { found = 1 } END { exit !found }' ||
	fail "no function subject_answer"
# All names of an address are there. Only the name to be shown is not weak.
binding()
{
	"$READELF" -sW dump | awk -v name="$1" '$8 == name { print $2, $5; exit }'
}
write=$(binding write)
same "write is" "${write% *} GLOBAL" "$write"
same "__write is" "${write% *} WEAK" "$(binding __write)"
# Tools that look for the program's identity find none.
"$READELF" -nW dump 2>&1 | grep -q 'Build ID' && fail "it has the program's build ID"
"$READELF" -SW dump | grep -q 'build-id\| NOTE ' && fail "it has the program's notes"
# The sections that unexec info reads are part of a segment.
"$READELF" -lW dump | grep -q '^ *[0-9]* *\.unexec \.unexec\.image \.unexec\.sums *$' ||
	fail ".unexec.image and .unexec.sums are in no segment"
nm dump > names 2> complaints || fail "nm: $(cat complaints)"
grep -q ' T subject_answer$' names || fail "nm: $(grep subject_answer names)"
runs ./dump
