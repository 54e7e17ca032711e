#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests of shared memory pass for an ordinary user, who gets no descriptor of a mapping from
# the kernel, in dumps from inside and from outside.
. "${0%/*}/../lib/functions.sh"

for name in shared_memory shared_objects fd_memfd
do
	test=$top_builddir/tests/roundtrip/$name
	as_nobody [ -x "$test" ] || skip "an ordinary user may not look into this tree"
	as_nobody "$test" < /dev/null || fail "$name: status $?"
	UNEXEC_TEST_BY_PID=1 as_nobody "$test" < /dev/null
	status=$?
	[ $status = 0 ] || [ $status = 77 ] || fail "$name by pid: status $status"
done
