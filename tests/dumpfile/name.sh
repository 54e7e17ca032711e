#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump is written to a relative name, a name with spaces, a symbolic link. Its mode follows
# umask, and is not wider than the mode of the file it replaces.
. "${0%/*}/../lib/functions.sh"

mkdir dir "dir/with space" && dir=$work/dir
cd dir || exit 99
limited "$subject" dump || fail "relative name"
runs ./dump
limited "$subject" "with space/a dump" || fail "name with spaces"
runs "./with space/a dump"
limited "$subject" ./../dir/with\ space/../dump2 || fail "name with dots"
runs ./dump2
rm -r "with space" dump2

# Through a symbolic link: both the link and its target run afterwards.
ln -s dump link
limited "$subject" link || fail "symbolic link"
runs ./link
runs ./dump
rm link
only dump

for mask in 022 077 027
do
	rm -f dump
	(umask $mask; limited "$subject" dump) || fail "umask $mask"
	same "mode under umask $mask" "$(printf %o $((0777 & ~0$mask)))" "$(stat -c %a dump)"
done
