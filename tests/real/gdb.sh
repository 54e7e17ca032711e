#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gdb at its prompt, with its workers: a program loaded before the dump is run after it.
. "${0%/*}/../lib/at_prompt.sh"

need gdb
cat > first <<END
set confirm off
set pagination off
set startup-with-shell off
maintenance set worker-threads 4
file $top_builddir/tests/roundtrip/debuggee
set \$six = 6
break main
END
cat > second <<'END'
print $six * 7
info breakpoints
run
backtrace
kill
python print(sum(range(5)))
info line main
END
tidy()
{
	sed 's/[Pp]rocess [0-9]*/process N/; s/0x[0-9a-f]*/0x…/g'
}
as_ever gdb -q -nx
grep -q '= 42$' ordinary || fail "$(cat ordinary)"
grep -q 'Breakpoint 1, .*main' ordinary || fail "$(cat ordinary ordinary.said)"
