#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A server with an event loop and a connected client: a dump is refused, and the message names
# the options that help. With --fd=hangup, the loop of the dump cleans up and answers new clients;
# by pid, from `unexec run`, and in a dump of the dump.
. "${0%/*}/../lib/functions.sh"
[ -x "$PYTHON3" ] || skip "no $PYTHON3"
program=$top_srcdir/tests/outside/hangup.py
trap 'kill $(cat pids) 2> /dev/null; cd /; rm -rf "$work"' EXIT
mkfifo hold

# until_true COMMAND…: waits until it succeeds.
until_true()
{
	for attempt in $(seq 100)
	do
		"$@" && return
		sleep 0.1
	done
	fail "never came: $*"
}

# start OUTPUT COMMAND…: starts it in the background; $pid is its PID.
start()
{
	output=$1
	shift
	"$top_builddir/tests/lib/clean_exec" "$@" > "$output" 2>&1 < /dev/null &
	pid=$!
	echo $pid >> pids
}

# stop PID: ends the server, which frees its port.
stop()
{
	kill "$1"
	wait "$1" 2> /dev/null
}

# connect: a client that stays connected until descriptor 9 is closed.
connect()
{
	"$PYTHON3" "$program" client "$(cat port)" < hold > answers 2>&1 &
	exec 9> hold
	until_true grep -q hello answers
}

# answers_new WHAT: the server that runs now has dropped the old client and answers a new one.
answers_new()
{
	same "$1" "hello
again" "$(echo again | limited "$PYTHON3" "$program" client "$(cat port)" 2>&1)"
}

start printed "$PYTHON3" "$program" serve port
until_true [ -s port ]
connect
number=$(find "/proc/$pid/fd" -lname 'socket:*' -printf '%f\n' | sort -n | tail -n 1)
refused "$UNEXEC_TOOL" dump -o app "$pid" > /dev/null
says "; --fd $number=hangup or --fd $number=close dumps without it"
[ ! -e app ] || fail "it was dumped"

for option in --fd=hangup "--fd=$number=hangup"
do
	limited "$UNEXEC_TOOL" dump -o app "$option" "$pid" 2> said || fail "$option: $(cat said)"
	echo still >&9
	until_true grep -q still answers # the original has kept its client
done
exec 9>&-
stop "$pid"

start printed ./app
until_true grep -q "a client has gone" printed
answers_new "the dump"
connect
limited "$UNEXEC_TOOL" dump -o second --fd=hangup "$pid" 2> said || fail "second: $(cat said)"
exec 9>&-
stop "$pid"
start printed ./second
until_true grep -q "a client has gone" printed
answers_new "the dump of the dump"
stop "$pid"

rm -f port
start printed "$UNEXEC_TOOL" run -o ran --when=signal:USR1 --fd=hangup -- \
	"$PYTHON3" "$program" serve port
until_true [ -s port ]
connect
kill -USR1 "$pid" # the program has the PID of `unexec run`
wait "$pid" || fail "unexec run: $(cat printed)"
exec 9>&-
start printed ./ran
until_true grep -q "a client has gone" printed
answers_new "the dump of unexec run"
