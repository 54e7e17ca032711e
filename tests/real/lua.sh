#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A program with an embedded Lua whose script makes tables, closures and a coroutine and then
# dumps the program: the dump's output is the program's.
. "${0%/*}/../lib/functions.sh"

program=$top_builddir/examples/lua/lua_app
script=$top_srcdir/examples/lua/words.lua
[ -x "$program" ] || skip "built without Lua"
limited "$program" "$script" --dump app || fail "no dump"
set -- 'sum(squares)' 'names.n777' 'next_count()' 'next_count()' 'generate()' 'generate()' \
	'#squares' 'string.rep("ab", 3)' 'os.getenv("ASKED")' 'pcall(error, "caught")' \
	'select("#", table.unpack(squares, 1, 200))' 'os.date("%H:%M", 0)' 'collectgarbage()'
ASKED=now TZ=UTC-5
export ASKED TZ
same "the dump's answer" "$(limited "$program" "$script" "$@")" "$(limited ./app "$@")"
same "nothing asked" "" "$(limited ./app)"
asked='arg[0] .. #arg .. arg[1]:sub(1, 3) .. unexec.generation()'
same "arguments and generation" "$asked = ./app1arg1" "$(limited ./app "$asked")"
[ "$(limited ./app 'math.random(0)')" != "$(limited ./app 'math.random(0)')" ] ||
	fail "two starts have the same random numbers"
limited ./app 'no such' > out 2> said
same "status of an error" 1 $?
grep -q '^lua_app: ' said || fail "$(cat said)"
grep -q 'words.lua:' said || fail "no traceback: $(cat said)"

# The report names a pipe that cannot be preserved.
mkfifo pipe
echo 'local pipe = io.open("/dev/ptmx", "r+"); print(unexec.dump("refused"))' > refused.lua
same "refused" "nil	UNEXEC_UNSUPPORTED: descriptor 3" \
	"$(limited "$program" refused.lua pipe | sed 's/\(descriptor [0-9]*\).*/\1/')"
