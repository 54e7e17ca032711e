#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# No object of the library or of the restarter makes the stack of a user's program
# executable, as one assembly file without .note.GNU-stack would.
cd "$top_builddir" || exit 99
status=0

objects=$(find src/lib src/arch src/restarter -name '*.o' -o -name '*.ro')
[ "$(echo "$objects" | wc -l)" -gt 10 ] || { echo "objects not found"; exit 99; }
for object in $objects
do
	notes=$($READELF -SW "$object" | grep -F .note.GNU-stack)
	case $notes in
	'') echo "$object has no .note.GNU-stack"; status=1 ;;
	*' X '* | *' AX '* | *' WAX '*) echo "$object wants an executable stack"; status=1 ;;
	esac
done

for file in unexec "$UNEXEC_LIBRARY"
do
	[ -e "$file" ] || continue
	# A program may be libtool's wrapper script.
	[ -e ".libs/$file" ] && file=.libs/$file
	$READELF -lW "$file" | grep GNU_STACK | grep -q 'RWE' && {
		echo "$file has an executable stack"
		status=1
	}
done
exit $status
