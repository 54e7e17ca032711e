#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Cores of all kinds of programs become dumps: position-independent or not, static or not, without
# symbols, without randomization of addresses. The kernel's brk is preserved.
. "${0%/*}/core.sh"

# goes_well NAME COMMAND…
goes_well()
{
	name=$1
	shift
	kernel_core "$@"
	undumped
	same "output of the dump ($name)" 'kept now' "$(WHEN=now limited ./dump 2>&1)"
	"$UNEXEC_TOOL" info --text dump > text
	heap=$(sed -nE 's/^region (0x[^-]*)-.*\[heap\]$/\1/p' text | head -n 1)
	[ "$heap" ] && grep -q "^mm .* start-brk=$heap brk=" text ||
		fail "$name: $(grep -E '^mm|heap' text)"
}

for kind in -pie -no-pie -static -static-pie
do
	# Not all systems have static libraries.
	$CC -O1 -fPIE $kind -o "program$kind" "$top_srcdir/tests/core/kinds.c" 2> cc.said ||
		{ echo "no $kind: $(head -n 1 cc.said)"; continue; }
	goes_well "$kind" "./program$kind"
	cp "program$kind" stripped
	strip stripped
	kernel_core ./stripped
	undumped
	limited ./dump > out 2>&1 || fail "stripped, $kind: $(cat out)"
	grep -q '^kept ' out || fail "stripped, $kind: $(cat out)"
done
if setarch -R true 2> /dev/null
then
	goes_well 'without randomisation' setarch -R ./program-pie
fi
