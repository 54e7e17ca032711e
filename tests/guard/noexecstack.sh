#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# No object makes the stack of a user's program, or of ours, executable, as one assembly file
# without .note.GNU-stack would.
cd "$top_builddir" || exit 99
status=0

objects=$(find src -name '*.o' -o -name '*.ro')
[ "$(echo "$objects" | wc -l)" -gt 10 ] || { echo "objects not found"; exit 99; }
for object in $objects
do
	notes=$($READELF -SW "$object" | grep -F .note.GNU-stack)
	case $notes in
	'') echo "$object has no .note.GNU-stack"; status=1 ;;
	*' X '* | *' AX '* | *' WAX '*) echo "$object wants an executable stack"; status=1 ;;
	esac
done

checked=0
for file in unexec "$UNEXEC_LIBRARY"
do
	[ -e "$file" ] || continue
	# A program may be libtool's wrapper script.
	[ -e ".libs/$file" ] && file=.libs/$file
	# The kernel also makes the stack executable if the header is missing.
	$READELF -lW "$file" | grep GNU_STACK | grep -q ' RW ' || {
		echo "$file has an executable stack"
		status=1
	}
	checked=$((checked + 1))
done
[ $checked -gt 0 ] || { echo "nothing is built"; exit 99; }
exit $status
