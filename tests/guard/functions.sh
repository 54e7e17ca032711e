# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by other guards: lists the functions of the library, one a line, sorted.

# The preprocessed header has the declarations without the comments. Only our names in it begin
# with "unexec".
functions_of_header()
{
	$CC -E -P -x c "$top_srcdir/include/unexec.h" |
		grep -oE '\<unexec[a-z_]*\(' | tr -d '(' | sort -u
}

functions_of_map()
{
	sed -n '/global:/,/local:/p' "$top_srcdir/src/lib/libunexec.map" |
		grep -oE '\<unexec[a-z_]*;' | tr -d ';' | sort -u
}

# same NAME LIST NAME LIST: fails unless the lists are equal and hold something.
same()
{
	[ -n "$2" ] || { echo "no functions found in $1"; exit 99; }
	[ "$2" = "$4" ] && return
	echo "$1 has:" $2
	echo "$3 has:" $4
	exit 1
}
