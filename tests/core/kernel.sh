#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core that the kernel wrote: the program goes on behind the signal that ended it, or waits
# again for what it waited for.
. "${0%/*}/core.sh"

kernel_core env WHEN=before "$subject" abort
undumped
said_once 'not in a core'
goes_on

kernel_core sh -c 'WHEN=before "$1" & sleep 0.3; kill -ABRT $!; wait' - "$subject"
undumped
goes_on
"$UNEXEC_TOOL" info dump > info
grep -q '\[heap\]' info && grep -q '\[stack\]' info && grep -q '\[vdso\]' info ||
	fail "$(cat info)"
grep -q '^threads: 4$' info || fail "$(tail -n 5 info)"
