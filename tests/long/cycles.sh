#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Ten thousand dumps of one process, each of them started; a thousand dumps, each made by the
# one before. No descriptor, process, thread, mapping, file or memory is left over.
[ -n "${UNEXEC_TEST_LONG-}" ] || { echo "skipped: without UNEXEC_TEST_LONG" >&2; exit 77; }
. "${0%/*}/../lib/functions.sh"

for how in '' chain
do
	count=10000
	[ -z "$how" ] || count=1000
	# shellcheck disable=SC2086 # a word or none
	"$top_builddir/tests/long/cycles" "$work/dump" $count $how || fail "cycles $how"
	same "left" "dump" "$(ls -A)"
done
