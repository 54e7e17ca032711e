#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core that the kernel wrote: the program continues after the signal that ended it, or repeats
# the wait that the signal interrupted.
. "${0%/*}/core.sh"

kernel_core env WHEN=before "$subject" abort
undumped
said_once 'not in a core'
goes_on
size=$(disk_usage dump)

# A core without holes, as a core handler reads it from a pipe.
cat core > dense
mv dense core
undumped
goes_on
[ "$(disk_usage dump)" -le $((size + size / 4)) ] ||
	fail "$size KB, but $(disk_usage dump) KB of a core without holes"

aborted_core env WHEN=before "$subject"
undumped
goes_on
"$UNEXEC_TOOL" info dump > info
grep -q '\[heap\]' info && grep -q '\[stack\]' info && grep -q '\[vdso\]' info ||
	fail "$(cat info)"
grep -q '^threads: 4$' info || fail "$(tail -n 5 info)"
