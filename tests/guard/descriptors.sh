#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of descriptors in libunexec(7) has each kind that the code knows, and no other.
. "$top_srcdir/tests/guard/functions.sh"

same image_text.c "$(
	sed -n 's/^\t\[PLAN_FD_[A-Z_]*\] = { "\([a-z_-]*\)".*/\1/p' \
		"$top_srcdir/src/image/image_text.c" | sort)" "libunexec(7)" "$(
	sed -n '/^\.Ss Descriptors/,/^\.El/s/^\.It Ic //p' "$top_srcdir/man/libunexec.7" |
		sed 's/ , /\n/g' | sort)"

kinds=$(sed -n '/^enum plan_file_kind/,/^}/p' "$top_srcdir/src/shared/plan.h" |
	grep -c '^	PLAN_FD_.*,')
named=$(grep -c '^	\[PLAN_FD_.* = {' "$top_srcdir/src/image/image_text.c")
[ "$kinds" = "$named" ] || { echo "plan.h has $kinds kinds, image_text.c $named"; exit 1; }
