#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lua as a library, with tables, closures and a coroutine made before the dump: the
# dump says what the program says.
. "${0%/*}/../lib/functions.sh"

program=$top_builddir/examples/lua/lua_app
script=$top_srcdir/examples/lua/words.lua
[ -x "$program" ] || skip "built without Lua"
limited "$program" --dump app "$script" || fail "no dump"
set -- 'sum(squares)' 'names.n777' 'next_count()' 'next_count()' 'generate()' 'generate()' \
	'#squares' 'string.rep("ab", 3)' 'os.getenv("ASKED")' 'pcall(error, "caught")' \
	'select("#", table.unpack(squares, 1, 200))' 'os.date("%H:%M", 0)' 'collectgarbage()'
ASKED=now TZ=UTC-5
export ASKED TZ
same "the dump's answer" "$(limited "$program" "$script" "$@")" "$(limited ./app "$@")"
same "nothing asked" "" "$(limited ./app)"
limited ./app 'no such' > out 2> said
same "status of an error" 1 $?
grep -q '^lua_app: ' said || fail "$(cat said)"
