#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Under gdb at the dump, at the start, at both: a dump runs to its end, and breakpoints in
# functions of the program and of libc show whole, named stacks.
. "${0%/*}/../lib/functions.sh"

need gdb
program=$top_builddir/tests/roundtrip/debuggee

# debug ARGUMENT…: gdb with what concerns us not switched off.
debug()
{
	limited gdb -nx -batch -ex 'set confirm off' -ex 'set pagination off' \
		-ex 'handle SIGUSR1 nostop noprint pass' "$@" > shown 2>&1
	cat shown
}

# shows PATTERN
shows()
{
	grep -q "$1" shown || fail "gdb does not show '$1'"
}

# start FILE: alone.
start()
{
	same "what $1 says" "the answer is 42" "$(limited "$1" ignored)"
}

# start_under FILE: under gdb, plainly and with breakpoints.
start_under()
{
	debug -ex run --args "$1" ignored
	shows 'the answer is 42'
	shows 'exited normally'

	debug -ex 'break inner_function' -ex run -ex bt -ex continue --args "$1" ignored
	shows 'Breakpoint 1, .*inner_function'
	shows '#1 .*outer_function'
	shows '#2 .*main'
	shows 'the answer is 42'
	shows 'exited normally'
}

# libc_names FILE: a breakpoint in libc. Of a dump made without address space randomisation
# gdb knows libc's names as numbers only, because libc is not mapped where it will be.
libc_names()
{
	debug -ex 'break puts' -ex run -ex bt -ex continue --args "$1" ignored
	shows 'Breakpoint 1, .*puts'
	shows '#1 .*inner_function'
	shows '#2 .*outer_function'
	shows 'exited normally'
}

limited "$program" plain || fail "no dump"
debug -ex run --args "$program" plain2
grep -q 'exited normally' shown || skip "gdb cannot run programs here"

start ./plain
start_under ./plain
libc_names ./plain

# Made under gdb: there without address space randomisation.
start ./plain2
start_under ./plain2

# Made under gdb with a breakpoint set in what is dumped.
debug -ex 'break inner_function' -ex 'break puts' -ex run --args "$program" broken
shows 'exited normally'
start ./broken
start_under ./broken
