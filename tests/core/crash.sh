#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The dump of a program that crashed starts right before the crash, and crashes again; gdb stops
# there.
. "${0%/*}/core.sh"

kernel_core "$subject" crash
undumped -v
said_once 'had crashed (SIGSEGV, address 0x8)'
limited ./dump > out 2>&1
same "status of the dump" 139 $?
same "output of the dump" '' "$(grep -v egmentation out)"

need gdb
limited gdb -q -nx -batch -ex 'set startup-with-shell off' -ex run \
	-ex 'print $_siginfo._sifields._sigfault.si_addr' -ex 'info symbol $pc' -ex backtrace \
	./dump < /dev/null > out 2>&1
grep -q 'received signal SIGSEGV' out && grep -qx '.1 = (void \*) 0x8' out &&
	grep -q '^main' out || fail "$(cat out)"
