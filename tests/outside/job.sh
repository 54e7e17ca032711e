#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A job is dumped, killed and resumed, and finishes with the right answer. A job that is dumped
# and not killed does so too, and so does its dump, sent through a pipe. With UNEXEC_TEST_LONG=1
# it has 2 GB.
. "${0%/*}/../lib/functions.sh"

job=$top_builddir/tests/outside/job
megabytes=64 rounds=60
[ -z "${UNEXEC_TEST_LONG-}" ] || { megabytes=2048; rounds=12; }

# begin: starts it in the background; $pid is on its way then.
begin()
{
	rm -f on-the-way
	"$top_builddir/tests/lib/clean_exec" "$job" $megabytes $rounds on-the-way > answer &
	pid=$!
	while [ ! -e on-the-way ]
	do
		kill -0 $pid || fail "it ended by itself"
		sleep 0.01
	done
}

"$job" $megabytes $rounds on-the-way > right || fail "the job itself"

begin
"$UNEXEC_TOOL" dump -q --kill $pid -o frozen || fail "dump --kill: status $?"
wait $pid
[ $? = 137 ] || fail "it was not killed"
[ ! -s answer ] || fail "it had finished already"
limited ./frozen > resumed || fail "the frozen job: status $?"
same "output of the frozen job" "$(cat right)" "$(cat resumed)"

begin
"$UNEXEC_TOOL" dump -q $pid -o - | cat > sent || fail "dump to a pipe"
wait $pid || fail "the job that went on: status $?"
same "output of the job that went on" "$(cat right)" "$(cat answer)"
chmod +x sent
limited ./sent > resumed || fail "the job that was sent: status $?"
same "output of the job that was sent" "$(cat right)" "$(cat resumed)"
