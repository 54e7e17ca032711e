#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# libunexec.so.0 exports the symbols of the version script, which the header declares, and needs
# libc alone.
. "$top_srcdir/tests/guard/functions.sh"

header=$(functions_of_header)
same unexec.h "$header" libunexec.map "$(functions_of_map)"

[ -e "$UNEXEC_LIBRARY" ] || { echo "built without a shared library"; exit 77; }
same unexec.h "$header" libunexec.so.0 "$(
	$NM -D --defined-only "$UNEXEC_LIBRARY" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)"

# Not only functions: a variable would be exported with another letter, found above.
others=$($READELF -dW "$UNEXEC_LIBRARY" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
	grep -vE '^(libc\.so|ld-linux|libasan|libubsan|libgcov)')
[ -z "$others" ] || { echo "libunexec.so.0 needs" $others; exit 1; }

soname=$($READELF -dW "$UNEXEC_LIBRARY" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
[ "$soname" = libunexec.so.0 ] || { echo "its soname is $soname"; exit 1; }
