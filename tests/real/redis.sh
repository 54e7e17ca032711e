#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# redis-server, dumped by pid with a client connected and --fd=hangup: the dump has the data, has
# dropped the old client, and answers new ones.
. "${0%/*}/../lib/functions.sh"
need redis-server redis-cli
trap 'kill -9 $(cat pids) 2> /dev/null; cd /; rm -rf "$work"' EXIT
mkfifo hold

cli()
{
	limited redis-cli -s "$work/socket" "$@" 2>&1
}

until_answers()
{
	for attempt in $(seq 100)
	do
		[ "$(cli ping)" = PONG ] && return
		sleep 0.1
	done
	fail "no answer of $1: $(cat printed)"
}

# start COMMAND…: starts it in the background; $pid is its PID.
start()
{
	"$top_builddir/tests/lib/clean_exec" "$@" > printed 2>&1 < /dev/null &
	pid=$!
	echo $pid >> pids
	until_answers "$1"
}

clients()
{
	cli client list | grep -c name=
}

start redis-server --port 0 --unixsocket "$work/socket" --save '' --appendonly no
same "set" OK "$(cli set key value)"
redis-cli -s "$work/socket" < hold > held &
exec 9> hold
echo ping >&9
for attempt in $(seq 100)
do
	grep -q PONG held && break
	sleep 0.1
done
same "clients of the original" 2 "$(clients)"
refused "$UNEXEC_TOOL" dump -o app "$pid" > /dev/null
says "=hangup or --fd .*=close dumps without it"
limited "$UNEXEC_TOOL" dump -o app --fd=hangup "$pid" 2> said || fail "dump: $(cat said)"
same "clients of the original after the dump" 2 "$(clients)"
kill -9 "$pid"
wait "$pid" 2> /dev/null
exec 9>&-

start ./app
same "value in the dump" value "$(cli get key)"
same "clients of the dump" 1 "$(clients)"
same "set in the dump" OK "$(cli set key other)"
same "value set in the dump" other "$(cli get key)"
same "the dump's end" "" "$(cli shutdown nosave)"
