#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of descriptors in libunexec(7) has each kind that the code knows, and no other.
. "$top_srcdir/tests/guard/functions.sh"

same descriptor_kinds.h "$(
	sed -n 's/^\tKIND([A-Z_]*, "\([a-z_-]*\)".*/\1/p' \
		"$top_srcdir/src/shared/descriptor_kinds.h" | sort)" "libunexec(7)" "$(
	sed -n '/^\.Ss Descriptors/,/^\.El/s/^\.It Ic //p' "$top_srcdir/man/libunexec.7" |
		sed 's/ , /\n/g' | sort)"
