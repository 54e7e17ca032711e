#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A process with children is refused, since its dump would think that they had ended well; with
# --children=ignore, the dump is made without them. The same holds for a dump that has children.
. "${0%/*}/../lib/functions.sh"
need bash

# has_child PID: waits until the process has a child; $child is the child's PID.
has_child()
{
	child=''
	while [ -z "$child" ]
	do
		kill -0 "$1" || fail "it ended by itself"
		sleep 0.05
		child=$(pgrep -P "$1")
	done
}

# refuses COMMAND…: a dump is refused while the command waits for a child, and the command
# continues. Its output is in "printed".
refuses()
{
	rm -f app
	"$top_builddir/tests/lib/clean_exec" "$@" > printed 2>&1 &
	pid=$!
	has_child $pid
	refused "$UNEXEC_TOOL" dump -o app $pid > /dev/null
	says "^unexec: $pid: error: the process has 1 child, $child (.*), which would not be in"
	[ ! -e app ] || fail "$* was dumped"
	limited "$UNEXEC_TOOL" dump -o ignored --children=ignore $pid 2> said ||
		fail "--children=ignore: $(cat said)"
	grep -q "warning: the process has 1 child, $child (.*), not in the dump" said ||
		fail "--children=ignore says: $(cat said)"
	kill -9 "$child"
	wait $pid
	[ -x ignored ] || fail "there is no dump of $*"
}

refuses bash -c 'sleep 100 & wait $!; echo status $?'
same "what bash says of its child" "status 137" "$(tail -n 1 printed)"
refuses bash -c 'sh -c "sleep 100; exit 3"; echo status $?'
if [ -x "$PYTHON3" ]
then
	refuses "$PYTHON3" -c 'import subprocess; print(subprocess.run(["sleep", "100"]).returncode)'
	same "what Python says of its child" "-9" "$(tail -n 1 printed)"
fi

# The processes of `unexec run` do not count as children. A dump that gets a child is refused.
program='read line; sleep 100 & read line; kill $!; wait $!; echo "killed: $?"'
limited "$UNEXEC_TOOL" run -o fresh -- bash -c "$program" < /dev/null 2> said ||
	fail "without children: $(cat said)"
printf '1\n' | (sleep 0.5; limited "$UNEXEC_TOOL" run -o app -- bash -c "$program") 2> said
same "status of run with a child" 1 $?
grep -q "bash: error: the process has 1 child" said || fail "run says: $(cat said)"
printf '1\n' | (sleep 0.5; limited "$UNEXEC_TOOL" run -o again -- ./fresh) 2> said
same "status of run of a dump with a child" 1 $?
grep -q "error: the process has 1 child" said || fail "run of a dump says: $(cat said)"
