#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# perf shows the names of functions, of the program and of libc, in which a dump spends its
# time.
. "${0%/*}/../lib/functions.sh"

need perf
HOME=$work
export HOME
# record PROGRAM ARGUMENT…: samples by clock, since the processor's counters may be missing.
record()
{
	limited perf record -q -e cpu-clock:u -o data "$@" > complaints 2>&1
}
record true || skip "perf cannot record: $(cat complaints)"
# share NAME: checks that at least a third of the time is spent under that name.
share()
{
	grep -q "^ *[3-6][0-9]\.[0-9]*% *\[\.\] $1\( .*\)\?$" shown || fail "no third is for $1"
}

# dump FILE: makes a dump whose libraries a start need not move, since perf sees no mremap(). The
# kernel must not map the highest 17 GB in place; few processes have their libraries there.
dump()
{
	for attempt in 1 2 3 4 5 6
	do
		limited "$top_builddir/tests/dumpfile/busy" "$1" || fail "no dump"
		limited "$UNEXEC_TOOL" info "$1" | grep ' /.*/libc[.-]' | grep -q ' 7ff[b-f]' || return
	done
	fail "libc is always at the top of the address space"
}

# profile FILE: makes a dump FILE and profiles it.
profile()
{
	dump "$1"
	record "./$1" || fail "perf record: $(cat complaints)"
	limited perf report -i data --stdio -s symbol > shown 2> complaints ||
		fail "perf report: $(cat complaints)"
	cat shown
	share busy_function
	share swab
}

profile dump
# perf caches each file that it has seen; another dump of the program must count as another file.
# This one has a larger stack, which comes first in the file.
FILLER=$(printf %020000d 0)
export FILLER
profile dump2
