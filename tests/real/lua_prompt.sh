#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lua at its prompt.
. "${0%/*}/../lib/at_prompt.sh"

need lua5.4
cat > first <<'END'
words = {} for i = 1, 100000 do words[i] = "word" .. i end
table.sort(words)
next = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * 7) end end)
print(next())
END
cat > second <<'END'
print(words[77777], #words)
print(next(), next())
print(6 * 7, pcall(error, "caught"))
END
as_ever lua5.4 -i
grep -q '^42	false	caught' ordinary || fail "$(cat ordinary)"
