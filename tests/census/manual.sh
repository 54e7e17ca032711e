#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The section CENSUS of libunexec(7) is made from the census.
. "$top_srcdir/tests/lib/functions.sh"

page=$top_srcdir/man/libunexec.7
"$top_srcdir/man/census.sh" "$UNEXEC_TOOL" "$page" > made || fail "man/census.sh"
diff -u "$page" made || fail "the manual differs from src/shared/census.h: make update-census"
[ "$(grep -c '^\.It ' made)" -gt "$("$UNEXEC_TOOL" @census | wc -l)" ] ||
	fail "the manual has no place for the census"
