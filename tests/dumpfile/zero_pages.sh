#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Pages of zeros, touched or not, take no room in the file.
. "${0%/*}/../lib/functions.sh"

limited "$subject" small || fail "no dump"
limited "$subject" zeros zero 512 || fail "no dump with zeros"
echo "$(disk_usage small) KB on disk, with 512 MB of zeros $(disk_usage zeros) KB"
[ $(($(disk_usage zeros) - $(disk_usage small))) -lt 512 ] || fail "zeros take room"
runs ./zeros
# A copy without holes still runs.
limited "$subject" zeros zero 32 || fail "no dump with few zeros"
cat zeros > copy && chmod +x copy && runs ./copy
