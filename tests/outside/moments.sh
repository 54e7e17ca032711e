#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `unexec run --when` dumps at the named moment, neither earlier nor later.
. "${0%/*}/../lib/functions.sh"

moments=$top_builddir/tests/outside/moments
MODULE=$top_builddir/tests/lib/.libs/module_one.so
export MODULE

# moment WHEN MODE BEFORE AFTER: what is printed until the dump is made, and by the dump.
moment()
{
	rm -f app
	got=$(limited "$UNEXEC_TOOL" run -o app --when "$1" -- "$moments" $2 2> said) ||
		fail "--when $1, $2: status $?: $(cat said)"
	same "output of $2 until $1" "$3" "$(echo $got)"
	got=$(limited ./app 2> said < /dev/null) || fail "$1, $2: the dump: $?: $(cat said)"
	same "output of $2 from $1 on" "$4" "$(echo $got)"
}

moment call:stage call "before" "stage 1 2 3 4 after"
moment call:stage thread "before" "stage 1 2 3 4 after"
moment call:stage children "stage 5 6 7 8 before" "stage 1 2 3 4 after"
moment call:stage exec "before" "stage 1 2 3 4 after"
moment call:stage ignores-trap "before" "stage 1 2 3 4 after"
moment call:module_next library "before" "after"
moment syscall:getppid syscall "" "before between after"
moment syscall:getppid:2 syscall "before" "between after"
moment syscall:getppid:3 syscall "before between" "after"
moment signal:USR1 signal "before" "after"
moment after:0.3 sleep "before" "after"

# main(), with a symbol and without one.
stripped=$work/stripped
cp "$moments" "$stripped"
strip "$stripped"
for moments in "$moments" "$stripped"
do
	rm -f app
	limited "$UNEXEC_TOOL" run -o app --when call:main -- "$moments" call \
		> printed 2> said ||
		fail "call:main, $moments: $(cat said)"
	same "output until main" "" "$(cat printed)"
	same "output of main" "$(printf 'one\ntwo words')" \
		"$(limited ./app arguments one 'two words' 2>&1)"
	same "output of main" "$(printf 'before\nstage 1 2 3 4\nafter')" \
		"$(limited ./app call 2>&1)"
done
