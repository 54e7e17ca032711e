#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumping and starting need no privileges: an ordinary user under a seccomp filter that refuses
# ptrace, process_vm_readv and personality, as container engines do.
. "${0%/*}/../lib/functions.sh"

# An ordinary user may look in here, even if not into the tree.
chmod 755 "$work"
mkdir bin dir && chmod 777 dir && dir=$work/dir
real=$top_builddir/tests/dumpfile/.libs/subject # libtool's, if it is not linked to the archive
[ -x "$real" ] || real=$subject
cp "$real" "$UNEXEC_TOOL" "$UNEXEC_LIBRARY" "$top_builddir/tests/lib/seccomp_exec" bin || exit 99
subject=$work/bin/subject
filter=$work/bin/seccomp_exec
UNEXEC_TOOL=$work/bin/unexec
LD_LIBRARY_PATH=$work/bin
export LD_LIBRARY_PATH
limited "$filter" container true || skip "no seccomp"
limited as_nobody "$filter" container "$subject" "$work/dir/dump" full 2 || fail "no dump"
same "owner" "$(as_nobody id -u)" "$(stat -c %u dir/dump)"
same "its output" "alive: as nobody" \
	"$(limited as_nobody "$filter" container "$work/dir/dump" as nobody)"
same "without prctl(PR_SET_MM)" "alive: as nobody" \
	"$(limited as_nobody "$filter" set_mm "$work/dir/dump" as nobody)"
only dump
# The filter does what it says.
"$filter" container "$PYTHON3" -c '
import ctypes, sys
libc = ctypes.CDLL(None)
refused = [libc.ptrace(0, 0, 0, 0), libc.personality(0x40000)]
sys.exit(refused != [-1, -1] or libc.personality(0x8) == -1)' ||
	fail "the filter refuses nothing"
