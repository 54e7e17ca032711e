#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `unexec run`: exit statuses, errors, --keep, the default name, and left-over files.
. "${0%/*}/../lib/functions.sh"

moments=$top_builddir/tests/outside/moments
mkdir only
cd only || exit 99
dir=$PWD

# ends STATUS PATTERN ARGUMENT…: ends with the status, prints one line and makes no file.
ends()
{
	expected=$1 pattern=$2
	shift 2
	limited "$UNEXEC_TOOL" run "$@" > "$work/printed" 2> "$work/said" < /dev/null
	same "status of $*" "$expected" "$?"
	grep -q -e "$pattern" "$work/said" ||
		fail "$*: '$(cat "$work/said")' has no '$pattern'"
	same "lines said by $*" 1 "$(grep -c ^unexec "$work/said")"
	same "files made by $*" "" "$(ls -A)"
}

ends 3 "ended with status 3 before 'stdin' came" -- sh -c 'exit 3'
ends 1 "ended with status 0 before 'after:20' came" --when after:20 -- true
ends 137 "ended by SIGKILL before 'stdin' came" -- sh -c 'kill -KILL $$'
ends 143 "ended by SIGTERM before 'call:main_not' came\|has a function main_not" \
	--when call:main_not -- sh -c 'kill -TERM $$'
ends 1 "neither it nor a library has a function nosuch" --when call:nosuch -- true
ends 1 "before 'syscall:getppid:4' came" --when syscall:getppid:4 -- "$moments" syscall
ends 127 "^unexec: nosuchprogram: error: No such file" -- nosuchprogram
ends 127 "/nosuch/program: error: No such file" -- /nosuch/program
ends 126 "/etc/passwd: error: Permission denied" -- /etc/passwd
ends 2 "PROGRAM is missing" --keep
ends 2 "no such system call" --when syscall:nosuch -- true
ends 2 "no such system call" --when syscall:-1 -- true
ends 1 "before 'syscall:110:4' came" --when syscall:110:4 -- "$moments" syscall
ends 2 "no such signal" --when signal:nosuch -- true
ends 2 "call:FUNCTION" --when=never -- true
ends 2 "standard output belongs to the program" -o - -- true
ends 2 "close, null, keep, hangup or recreate" --fd=nothing -- true
ends 1 "before 'stdin' came" --fd=recreate --fd=7=refuse -- true
ends 1 "nosuch" -o nosuch/app -- sh -c 'echo it has run'
same "output" "" "$(cat "$work/printed")"

limited "$UNEXEC_TOOL" run -o app -- true <&- 2> "$work/said"
same "status with standard input closed" 1 $?
grep -q "before 'stdin' came: standard input was closed, so no program waits for it" "$work/said" ||
	fail "with standard input closed it says: $(cat "$work/said")"

# Programs that get their rights from their file.
cp /bin/true "$work/set_id"
chmod 4755 "$work/set_id"
chmod 755 "$work"
chmod 777 .
if [ "$(id -u)" = 0 ]
then
	# Other users may not be able to reach the build directory.
	cp "$UNEXEC_TOOL" "$work/unexec"
	limited as_nobody "$work/unexec" run -- "$work/set_id" 2> "$work/said"
	grep -q "set_id is set-user-ID" "$work/said" || fail "stderr: $(cat "$work/said")"
	only
fi

# By default, the dump is named after the program, and the exit status is 0.
limited "$UNEXEC_TOOL" run --when call:stage -- "$moments" call > "$work/printed" 2>&1 ||
	fail "status $?: $(cat "$work/printed")"
only moments.dump
same "output until then" before "$(cat "$work/printed")"
rm moments.dump

# With --keep, the program continues, and the dump is of the named moment.
limited "$UNEXEC_TOOL" run -q --keep -o app --when call:stage -- "$moments" thread \
	> "$work/printed" 2>&1 || fail "status $?: $(cat "$work/printed")"
same "output afterwards" "before stage 1 2 3 4 after" "$(echo $(cat "$work/printed"))"
same "the dump" "stage 1 2 3 4 after" "$(echo $(limited ./app))"
limited "$UNEXEC_TOOL" run -q --keep -o app --when signal:USR1 -- \
	sh -c 'kill -USR1 $$; exit 7' 2> "$work/said"
same "status of what goes on" "7" "$?"
limited ./app
same "status of the dump" "7" "$?"

# The started process is the program, and has no unknown child.
limited "$UNEXEC_TOOL" run --when call:nosuch -- \
	sh -c 'echo $$ $(cat /proc/$$/task/$$/children)' > "$work/printed" 2> "$work/said" &
started=$!
wait $started
same "children" 2 "$(wc -w < "$work/printed")"

# If the dump is refused, --keep lets the program continue; its status is never 0. Otherwise the
# program is ended, and children that it leaves are named.
rm -f ./*

# refused_run STATUS PRINTED ARGUMENT…
refused_run()
{
	expected=$1 printed=$2
	shift 2
	limited "$UNEXEC_TOOL" run -o app "$@" > "$work/printed" 2> "$work/said" < /dev/null
	same "status of $*" "$expected" "$?"
	same "output of $*" "$printed" "$(echo $(cat "$work/printed"))"
	grep -q "error: the process has 1 child, [0-9]* (sleep), which" "$work/said" ||
		fail "$* says: $(cat "$work/said")"
	same "files made by $*" "" "$(ls -A)"
}

program='sleep 100 > /dev/null 2>&1 & echo $! > "$0"; read line; echo after; kill $!
(exit 3); exec sh -c "exit $1"'
refused_run 1 after --keep -- bash -c "$program" "$work/child" 0
refused_run 5 after --keep -- bash -c "$program" "$work/child" 5
refused_run 1 "" -- bash -c "$program" "$work/child" 0
grep -q "warning: the program is ended and leaves 1 child, $(cat "$work/child") (sleep), running" \
	"$work/said" || fail "of a child that is left: $(cat "$work/said")"
kill "$(cat "$work/child")" || fail "the child has ended"
