#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The writer's memory does not grow with the process: under 64 MB resident for 1 GB
# (for 4 GB with UNEXEC_TEST_LARGE=1).
. "${0%/*}/../lib/functions.sh"

megabytes=1024
[ "${UNEXEC_TEST_LARGE-}" = 1 ] && megabytes=4096
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -gt $((megabytes + 512)) ] || skip "not enough disk"
memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
[ "$memory" -gt $((megabytes + 512)) ] || skip "not enough memory"
env REAL_TOOL="$UNEXEC_TOOL" MEASURED="$work/peak" \
	UNEXEC_TOOL="$top_builddir/tests/dumpfile/measure" \
	timeout -k 5 110 "$subject" dump sparse $megabytes || fail "no dump"
echo "peak of the writer: $(cat peak) KB for $megabytes MB"
[ "$(disk_usage dump)" -ge $((megabytes * 1000)) ] || fail "the dump is too small to tell"
[ "$(cat peak)" -lt 65536 ] || fail "too much"
runs ./dump
