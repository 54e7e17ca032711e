#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bc at its prompt.
. "${0%/*}/../lib/at_prompt.sh"

need bc
cat > first <<'END'
scale = 1000
p = 4 * a(1)
define f(n) {
if (n < 2) return (n)
return (f(n - 1) + f(n - 2))
}
END
cat > second <<'END'
f(15)
p
6 * 7
END
as_ever bc -l
prints 42
