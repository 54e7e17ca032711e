#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --argv0=keep, a start has the name by which the program was called.
. "${0%/*}/../lib/functions.sh"

program=$top_builddir/tests/outside/environment
run()
{
	limited "$UNEXEC_TOOL" run -q "$@" < /dev/null || fail "$*: status $?"
}

run -o app -- "$program" name
same "a new name" './app app app' "$(limited ./app < /dev/null)"
run --argv0=keep -o app -- "$program" name
same "its own name" "$program environment environment" "$(limited ./app < /dev/null)"

# The name of a dump is the name of what is dumped next.
run --argv0=keep -o again -- ./app
same "again" "$program environment environment" "$(limited ./again < /dev/null)"
run --argv0=new -o again -- ./app
same "again with a new name" './again again again' "$(limited ./again < /dev/null)"

mkfifo input
"$program" name ready < input > printed &
pid=$!
exec 9> input
until [ -s printed ]
do
	sleep 0.02
done
limited "$UNEXEC_TOOL" dump -q --argv0=keep -o by_pid $pid || fail "by pid: status $?"
exec 9>&-
wait $pid
same "by pid" "$program environment environment" "$(limited ./by_pid < /dev/null)"
