#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A warning names the root directory of a process that has called chroot(2): a dump has that of its
# starter.
. "${0%/*}/../lib/functions.sh"
need perl
[ "$(id -u)" = 0 ] || skip "needs root"

mkdir root
mkfifo ready
"$top_builddir/tests/lib/clean_exec" perl -e '
	chroot("root") or exit 77; chdir("/"); print STDOUT "in\n"; close(STDOUT); sleep(100)
' > ready &
pid=$!
read -r line < ready || skip "no chroot here"
limited "$UNEXEC_TOOL" dump -o app --fd=null $pid 2> said
status=$?
kill $pid
same "status of the dump, which says: $(cat said)" 0 $status
grep -q "warning: the process has another root directory (chroot) than its parent" said ||
	fail "it says: $(cat said)"
