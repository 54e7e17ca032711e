#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump from outside registers its restartable sequences also if the kernel does not report a
# registration (before 5.13; here, a filter hides it).
. "${0%/*}/../lib/functions.sh"

cat > old_kernel <<-END
	#!/bin/sh
	exec "$top_builddir/tests/lib/seccomp_exec" no_rseq "$UNEXEC_TOOL" "\$@"
END
chmod +x old_kernel
"$top_builddir/tests/lib/seccomp_exec" no_rseq true || skip "no filters here"
UNEXEC_TOOL=$work/old_kernel UNEXEC_TEST_BY_PID=1 limited "$top_builddir/tests/roundtrip/rseq"
