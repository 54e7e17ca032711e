#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# In a program that uses musl, mutexes that are held at the dump have the new threads as their
# owners: recursive, error-checking, robust and priority-inheriting ones.
. "${0%/*}/../lib/functions.sh"
need musl-gcc

expected='thread 0: 0 wrong
thread 1: 0 wrong
waiter: 0 0'
for how in -static -pie
do
	musl-gcc $how -O1 -o locks "$top_srcdir/tests/outside/musl_locks.c" ||
		skip "musl-gcc makes no programs here"
	echo | ./locks > printed 2>&1 || skip "programs of musl do not run here"
	same "undumped ($how)" "$expected" "$(cat printed)"
	limited "$UNEXEC_TOOL" run -o once -- ./locks < /dev/null 2> said || fail "run: $(cat said)"
	same "a dump ($how)" "$expected" "$(echo | limited ./once 2>&1)"
	limited "$UNEXEC_TOOL" run -o twice -- ./once < /dev/null 2> said ||
		fail "run of a dump: $(cat said)"
	same "a dump of a dump ($how)" "$expected" "$(echo | limited ./twice 2>&1)"
done
