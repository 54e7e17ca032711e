#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gawk, waiting for its next record.
. "${0%/*}/../lib/at_prompt.sh"

need gawk
seq 1 10000 > first
printf '%s\n' 21 6 21 > second
# shellcheck disable=SC2016 # awk's
as_ever gawk '{ count[$1]++; sum += $1 }
	NR > 10000 { print NR, count[$1], sum; fflush() }
	END { print length(count), $1 * 7, strftime("%Y", 0, 1) }'
prints "10000 147 1970"
