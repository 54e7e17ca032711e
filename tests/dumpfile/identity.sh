#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --pid=keep, a start and its threads have the IDs of the dumped process. The process that
# was started passes on signals and ends with the same status. An ID that cannot be had is named.
. "${0%/*}/../lib/functions.sh"

subject=$top_builddir/tests/dumpfile/identity

# In a PID namespace of its own, no other process takes an ID.
user=
[ "$(id -u)" = 0 ] || user="--user --map-root-user"
unshare $user --pid --fork --mount-proc true 2> /dev/null || skip "no PID namespaces"

# chosen COMMAND…: runs it where it may choose process IDs.
chosen()
{
	limited unshare $user --pid --fork --mount-proc "$@"
}

# ids FILE COMMAND…: the command succeeds, and its output says so of both IDs.
ids()
{
	kind=$1
	shift
	"$@" > out 2> err || fail "$*: status $?: $(cat out err)"
	same "$*" "thread $kind
process $kind" "$(grep -E '^(thread|process) ' out)"
}

# start OUT [ARGUMENT]: the subject runs as $pid and has printed its first line.
start()
{
	rm -f in
	mkfifo in
	"$top_builddir/tests/lib/clean_exec" "$subject" ${2-} < in > "$1" 2>&1 &
	pid=$!
	exec 9<> in
	for i in $(seq 500)
	do
		grep -q . "$1" && return
		kill -0 $pid || break
		sleep 0.02
	done
	fail "the subject is not ready: $(cat "$1")"
}

finish()
{
	exec 9>&-
	wait $pid
}

# ---- From inside ------------------------------------------------------------------------------

start said inside
same "from inside" dumped "$(cat said)"
# The original still has the ID.
echo 0 | limited ./inside > out 2> err
same "status while the ID is in use" 125 $?
if [ "$(id -u)" = 0 ]
then
	grep -q "cannot start with the process ID $pid: another process has it" err ||
		fail "in use: $(cat out err)"
fi
finish
echo 0 > zero
ids same chosen ./inside < zero

# ---- From outside, and the status ---------------------------------------------------------------

start said
limited "$UNEXEC_TOOL" dump --pid=keep -o outside $pid || fail "dump"
limited "$UNEXEC_TOOL" dump -o any $pid || fail "dump"
printf '\n0\n' > lines
ids same chosen ./outside < lines
# By default, the ID is any other.
ids other limited ./any < lines
finish

echo 7 | chosen ./inside > out
same "the exit status" 7 $?
echo abort | chosen ./inside > out 2> err
same "the status after a signal" $((128 + 6)) $?

# ---- Signals ------------------------------------------------------------------------------------

mkfifo line
cat > signals << 'END'
./inside < line > out 2>&1 &
exec 9<> line
echo wait >&9
for i in $(seq 500)
do
	grep -q process out && break
	kill -0 $! 2> /dev/null || break
	sleep 0.02
done
kill -TERM $!
wait $!
END
chosen sh signals
same "the status after the program's handler" 9 $?

# ---- Without the right to choose ----------------------------------------------------------------

if [ "$(id -u)" = 0 ]
then
	chmod 755 inside .
	as_nobody ./inside < /dev/null > out 2> err
	same "status without the right" 125 $?
	grep -q 'process ID [0-9]*: this needs CAP_CHECKPOINT_RESTORE' err || fail "right: $(cat err)"
	user="--user --map-root-user"
	if as_nobody unshare $user --pid --fork --mount-proc true 2> /dev/null
	then
		ids same limited as_nobody unshare $user --pid --fork --mount-proc ./inside < zero
	fi
fi
exit 0
