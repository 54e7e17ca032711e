#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bash at its prompt, with functions, arrays, a trap and open descriptors.
. "${0%/*}/../lib/at_prompt.sh"

need bash
cat > first <<'END'
declare -A squares
for ((i = 0; i < 5000; i++)); do squares[$i]=$((i * i)); done
answer() { echo $((6 * $1)); }
trap 'echo "bye from $?"' EXIT
exec 5> log
echo before >&5
echo ready
END
cat > second <<'END'
answer 7
echo ${squares[4999]} ${#squares[@]}
echo "$(answer 8)" | tr 0-9 a-j
echo after >&5
cat log
END
as_ever bash --norc
