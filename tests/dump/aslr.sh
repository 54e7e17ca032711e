#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Of what the program has at random addresses, each dump of it has its own, and all starts of one
# dump the same, as the manual says; what is mapped in a start, and stacks of its new threads, lie
# elsewhere in each. UNEXEC_TEST_LONG=1 prints the table of 100 processes that is in the manual.
. "${0%/*}/../lib/functions.sh"

[ "$(cat /proc/sys/kernel/randomize_va_space)" = 2 ] || skip "no randomisation"
limited "$PYTHON3" "$top_srcdir/tests/dump/aslr.py" "$top_builddir/tests/dump/places" . \
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
