#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# If the directory is not writable, or the target is a directory, a device or a pipe, the
# message names it and the target is unchanged.
. "${0%/*}/../lib/functions.sh"

mkdir dir && dir=$work/dir
chmod 755 "$work" dir
limited "$subject" dir/dump || fail "no dump"
cp dir/dump old

# By an ordinary user in a directory of somebody else (or without the right to write).
chmod 555 dir
if as_nobody test -x "$subject" && ! as_nobody test -w dir
then
	refused as_nobody "$subject" "$work/dir/dump"
	says 'Permission denied'
	says "$work/dir"
	says UNEXEC_SYSTEM
	cmp old dir/dump || fail "the old file is damaged"
	only dump
	refused as_nobody "$subject" "$work/dir/new"
	says 'Permission denied'
	only dump
fi
chmod 755 dir

mkdir dir/sub
refused "$subject" dir/sub
says dir/sub
says 'Is a directory'
[ -d dir/sub ] || fail "the directory is gone"
only dump sub
rmdir dir/sub

refused "$subject" dir/none/dump
says dir/none
says 'No such file or directory'
refused "$subject" dir/dump/below
says dir/dump
says 'Not a directory'

mkfifo dir/pipe
refused "$subject" dir/pipe
says dir/pipe
[ -p dir/pipe ] || fail "the pipe is gone"
rm dir/pipe
if mknod dir/null c 1 3 2> /dev/null
then
	refused "$subject" dir/null
	says dir/null
	[ -c dir/null ] || fail "the device is gone"
	rm dir/null
fi
only dump
runs dir/dump
