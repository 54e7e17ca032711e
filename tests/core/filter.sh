#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Cores with more and with less content than usual (coredump_filter, core(5)) become dumps, or the
# message names the missing memory.
. "${0%/*}/core.sh"

# filtered FILTER: makes a core with that filter.
filtered()
{
	kernel_core sh -c 'echo "$1" > /proc/self/coredump_filter; exec "$2" abort' - "$1" \
		"$subject"
}

filtered 0x7f # all
undumped
goes_on

filtered 0x23 # without the first pages of files
undumped
said_once 'does not show whether they have changed: .*/subject' \
	'does not show whether they have changed: .*/libc[.-]'
goes_on

filtered 0x00
refused "$UNEXEC_TOOL" undump -o none core
says 'shared memory at 0x[0-9a-f]* (/dev/zero.*) is not in the core'
filtered 0x02
refused "$UNEXEC_TOOL" undump -o none core
says 'private memory'
