#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random addresses differ between two dumps of a program and are the same in all starts of one
# dump. New mappings of a start, and stacks of its new threads, are elsewhere in each start.
# UNEXEC_TEST_LONG=1 prints the table of 100 processes that is in the manual.
. "${0%/*}/../lib/functions.sh"

[ "$(cat /proc/sys/kernel/randomize_va_space)" = 2 ] || skip "no randomisation"
limited "$PYTHON3" "$top_srcdir/tests/dumpfile/aslr.py" "$top_builddir/tests/dumpfile/places" . \
	"${UNEXEC_TEST_LONG:+100}" > table || fail "status $?"
cat table
# drawn PLACE COLUMN: the number of bits there.
drawn()
{
	sed -n "s/^$1  *//p" table | awk -v column="$2" '{ print $column }'
}
[ "$(drawn 'the program' 1)" -gt 0 ] || skip "the program is not at random addresses"
for place in 'the program' libraries heap 'large blocks' stack "a new thread's stack" \
	'memory that is mapped later'
do
	[ "$(drawn "$place" 2)" -ge 8 ] || fail "dumps have the same place for: $place"
done
for place in 'the program' libraries heap 'large blocks' stack
do
	same "bits of $place in starts" 0 "$(drawn "$place" 3)"
done
for place in "a new thread's stack" 'memory that is mapped later'
do
	[ "$(drawn "$place" 3)" -ge 8 ] || fail "starts have the same place for: $place"
done
