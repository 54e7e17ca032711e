#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump made under gdb, started under gdb, or both, runs to its end, and breakpoints in
# functions of the program and of libc show complete, named stacks.
. "${0%/*}/../lib/functions.sh"

need gdb
program=$top_builddir/tests/roundtrip/debuggee

# debug ARGUMENT…: runs gdb without switching off anything that concerns a dump.
debug()
{
	limited gdb -nx -batch -ex 'set confirm off' -ex 'set pagination off' \
		-ex 'handle SIGUSR1 nostop noprint pass' "$@" > shown 2>&1
	cat shown
}

# shows PATTERN: gdb's output must match.
shows()
{
	grep -q "$1" shown || fail "gdb does not show '$1'"
}

# quiet: gdb may only warn of its own limits. It recognises the vDSO by the address at which the
# kernel has mapped it (svr4_current_sos), so it looks for a file for the vDSO that libc has in
# its list; since version 15 it reports that there is no such file.
quiet()
{
	grep -i 'warning\|cannot\|error' shown |
		grep -v 'disabling address space randomization\|symbols for linux-vdso' &&
		fail "gdb complains"
}

# start FILE: runs it without gdb.
start()
{
	same "output of $1" "the answer is 42" "$(limited "$1" ignored)"
}

# start_under FILE [OPTION…]: runs it under gdb, without and with breakpoints. The breakpoint in
# libc is set when libc is in place; a dump made without address space randomisation has no libc
# in place before the start.
start_under()
{
	file=$1
	shift
	debug "$@" -ex run --args "$file" ignored
	shows 'the answer is 42'
	shows 'exited normally'
	quiet

	debug "$@" -ex 'break inner_function' -ex run -ex bt -ex 'break puts' -ex continue \
		-ex 'echo in puts\n' -ex bt -ex continue --args "$file" ignored
	shows 'Breakpoint 1, .*inner_function'
	shows '#1 .*outer_function'
	shows '#2 .*main'
	shows 'Breakpoint 2, .*puts'
	shows 'the answer is 42'
	shows 'exited normally'
	quiet
	sed '1,/^in puts/d' shown > rest
	mv rest shown
	shows '#0 .*puts'
	shows '#1 .*inner_function'
	shows '#2 .*outer_function'
	shows '#3 .*main'
}

# libc_names FILE: a breakpoint in libc that is set before the start shows all frames between it
# and main.
libc_names()
{
	debug -ex 'break write' -ex run -ex bt -ex continue --args "$1" ignored
	shows 'Breakpoint 1, .*write'
	shows '#1 .*new_file_write\|#1 .*_IO_file_write'
	shows '#[0-9]* .*exit'
	shows '#[0-9]* .*_start '
	shows 'exited normally'
	quiet
}

limited "$program" plain || fail "no dump"
debug -ex run --args "$program" plain2
grep -q 'exited normally' shown || skip "gdb cannot run programs here"

start ./plain
start_under ./plain
start_under ./plain -ex 'set disable-randomization off'
libc_names ./plain

# A dump made under gdb, which disables address space randomisation.
start ./plain2
start_under ./plain2
start_under ./plain2 -ex 'set disable-randomization off'

# A dump made under gdb with a breakpoint set in the dumped code.
debug -ex 'break inner_function' -ex 'break puts' -ex run --args "$program" broken
shows 'exited normally'
start ./broken
start_under ./broken

# A dump made without address space randomisation, and without gdb.
setarch -R true || exit 0
limited setarch -R "$program" fixed || fail "no dump by setarch -R"
start ./fixed
start_under ./fixed
