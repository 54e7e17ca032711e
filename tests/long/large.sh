#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A process with 12 GB of noise is dumped and started; MEGABYTES sets another size. Prints times
# and the writer's peak of memory.
[ -n "${UNEXEC_TEST_LONG-}" ] || { echo "skipped: without UNEXEC_TEST_LONG" >&2; exit 77; }
. "${0%/*}/../lib/functions.sh"

: "${MEGABYTES:=12288}"
available=$(($(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024))
[ "$available" -gt $((MEGABYTES + MEGABYTES / 4)) ] || skip "$available MB of memory"
room=$(($(stat -f -c '%a * %S / 1048576' .)))
[ "$room" -gt $((MEGABYTES + 1024)) ] || skip "$room MB on the disk"

seconds()
{
	echo "$1: $(($(date +%s) - begun)) s"
}

REAL_TOOL=$UNEXEC_TOOL UNEXEC_TOOL=$top_builddir/tests/dumpfile/measure MEASURED=$work/peak
export REAL_TOOL UNEXEC_TOOL MEASURED
begun=$(date +%s)
"$top_builddir/tests/long/subject" dump "$MEGABYTES" || fail "no dump: status $?"
seconds "filled and dumped"
echo "peak of the writer: $(cat peak) KB"
[ "$(cat peak)" -lt 65536 ] || fail "the writer took $(cat peak) KB"
begun=$(date +%s)
same "a quick start" "whole $MEGABYTES" "$(./dump quick)"
seconds "started"
begun=$(date +%s)
same "all of it" "whole $MEGABYTES" "$(./dump)"
seconds "all of it read"
