#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# No kernel shows the rules of Landlock: a start does not have them, as the census says.
. "${0%/*}/../lib/functions.sh"

said=$(limited "$top_builddir/tests/census/landlock" app)
status=$?
[ $status != 77 ] || skip "no Landlock"
same "status of the program" 0 $status
same "the program" forbidden "$said"
same "its dump" allowed "$(limited ./app)"
grep -q '^\.It Landlock$' "$top_srcdir/man/libunexec.7" || fail "the manual does not name it"
