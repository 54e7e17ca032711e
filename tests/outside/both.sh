#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One process dumped from inside and by its PID. The images are the same except for the
# library's additions, the trampoline, the places of threads in the program, and elapsed time.
# (By PID and by core: tests/core/same.sh.)
. "${0%/*}/../lib/functions.sh"

# told FILE: prints the parts of the image that both must have.
told()
{
	"$UNEXEC_TOOL" info --text "$1" > text || exit 99
	# Stacks and the heap have grown a bit in between.
	awk '/^region/ { told = $NF != "[trampoline]" && $NF != "[vdso-proxy]"; if (told) print }
		/^region/ && ($4 ~ /growsdown/ || $NF == "[heap]") { told = 0 }
		/^  data/ && told' text
	sed -nE '/^need .*-(registers|keys)$/d; /^(mm|process|vdso|signal|need) /p' text
	sed -nE 's/^thread frame=[^ ]* (.*) policy=.* nice=[^ ]* [^ ]* (.*)$/thread \1 \2/p' text
	sed -nE 's/ (left|value)(-n?s)?=[0-9]+//g; s/ ticks=[0-9]*//
		/^(timer|timerfd|eventfd|file|pipe|check|same) /p' text
	sed -nE '/^fixup .* kind=[2-9] /p; /^fixup .*kind=1 which=0/p' text
}

"$top_builddir/tests/lib/clean_exec" "$top_builddir/tests/outside/both" inside > said &
pid=$!
for i in $(seq 500)
do
	grep -q dumped said && break
	sleep 0.02
done
grep -q dumped said || fail "it did not dump itself"
"$UNEXEC_TOOL" dump -q --kill $pid -o by-pid || fail "by pid: status $?"
told inside > inside.told
told by-pid > pid.told
for kind in region data mm signal thread timer eventfd pipe fixup
do
	grep -q "^ *$kind " inside.told || fail "nothing to compare of: $kind"
done
diff -u inside.told pid.told || fail "the images differ"
same "output of the dump from inside" resumed "$(limited ./inside)"
