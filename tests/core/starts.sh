#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core with a thread that is about to register rseq. The start does not register it, because
# libc would end the process when its own registration failed. The CPU number in the thread's
# area is that of a new thread before libc writes -1 there.
. "${0%/*}/core.sh"

need gdb
limited gdb -nx -batch -ex 'set confirm off' -ex 'break main' -ex run -ex 'catch syscall rseq' \
	-ex continue -ex 'set {int}($fs_base + *(long *)&__rseq_offset + 4) = 0' -ex 'generate-core-file core' -ex kill \
	--args "$top_builddir/tests/core/joins" go > shown 2>&1
grep -q 'Breakpoint 1, .*main' shown || skip "gdb cannot run programs here"
grep -q 'call to syscall rseq' shown || skip "no rseq in threads: $(cat shown)"
undumped
: > go
same "output of the dump" joined "$(limited ./dump 2>&1 | tail -n 1)"
