#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program in README is examples/primes.c.
printed=$(sed -n '/^```c$/,/^```$/p' "$top_srcdir/README" | sed '1d;$d')
file=$(sed '/SPDX/d' "$top_srcdir/examples/primes.c")
[ -n "$printed" ] || exit 99
[ "$printed" = "$file" ] || { echo "they differ"; exit 1; }
