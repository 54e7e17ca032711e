#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Settings of the process are preserved. A protection is preserved, or the dump is refused and the
# message names it, unless an option accepts its loss by name: from inside, by run, by pid, and in
# a dump of a dump. Filters that the starter has installed are ignored.
. "${0%/*}/../lib/functions.sh"

subject=$top_builddir/tests/dumpfile/lose

mkfifo never

# shows WHAT FILE [ARGUMENT…]: a start of the dump shows the same as the process.
shows()
{
	what=$1
	shift
	same "$what" "$expected" "$(limited "$@" < /dev/null 2>&1)"
}

# start KIND: the subject runs, ready to be dumped, as $pid.
start()
{
	rm -f in
	mkfifo in
	"$top_builddir/tests/lib/clean_exec" "$subject" "$1" < in > said 2>&1 &
	pid=$!
	exec 9> in
	for i in $(seq 500)
	do
		grep -q ready said && return
		kill -0 $pid || return
		sleep 0.02
	done
	fail "$1 is never ready"
}

finish()
{
	exec 9>&-
	wait $pid
}

# set_up KIND: false if the kernel lacks it. Otherwise, $expected is the process's output.
set_up()
{
	rm -f app twice
	expected=$(echo | limited "$subject" "$1" 2> /dev/null) || return
	expected=${expected#ready?}
}

kept()
{
	limited "$subject" "$1" app || fail "$1 from inside"
	shows "$1 from inside" ./app
	limited ./app again twice || fail "$1 in a dump of a dump"
	shows "$1 in a dump of a dump" ./twice
	kept_from_outside "$1"
}

kept_from_outside()
{
	rm -f app
	exec 9<> never
	limited "$UNEXEC_TOOL" run -q -o app -- "$subject" "$1" <&9 > out || fail "$1 by run"
	exec 9>&-
	shows "$1 by run" ./app
	start "$1"
	limited "$UNEXEC_TOOL" dump -q -o app $pid || fail "$1 by pid"
	finish
	shows "$1 by pid" ./app
	same "the original of $1" "$expected" "$(sed 1d said)"
}

# Everybody may write here.
chmod 777 "$work"
for kind in nnp mdwe mseal keepcaps nobody fsgid capabilities
do
	set_up $kind || continue
	kept $kind
done

# The process may not open its own /proc/self/mem.
if set_up fsuid
then
	kept_from_outside fsuid
fi

# Settings that protect nothing.
protected=$subject
subject=$top_builddir/tests/dumpfile/settings
for kind in settings tsc
do
	set_up $kind || continue
	kept $kind
done
subject=$protected

# A starter without those rights keeps its own.
if [ "$(id -u)" = 0 ] && limited "$subject" nobody app
then
	as_nobody "$work/app" > nobodys || fail "started by nobody"
	grep -q '^Uid:.65534.65534' nobodys || fail "nobody has become another"
	rm -f app
	limited setpriv --reuid=1234 --clear-groups "$subject" none app || fail "as a user"

	limited ./app > /dev/null || fail "started by root"
fi

# lost KIND MESSAGE [BIT]: BIT is its UNEXEC_LOSE_…, if it can be seen from inside.
lost()
{
	if [ -n "${3-}" ]
	then
		limited "$subject" "$1" app 2> "$work/said" && fail "$1 from inside: dumped"
		says "$2"
		[ ! -e app ] || fail "$1: written"
		LOSE=$3 limited "$subject" "$1" app 2> "$work/said" || fail "$1 accepted, inside"
		says "$2"
		limited ./app > /dev/null || fail "$1 accepted: does not run"
	fi
	start "$1"
	rm -f by-pid
	refused "$UNEXEC_TOOL" dump -o by-pid $pid
	says "$2"
	[ ! -e by-pid ] || fail "$1: written"
	limited "$UNEXEC_TOOL" dump --lose=mseal,"$1" -o by-pid $pid > "$work/said" 2>&1
	status=$?
	says "$2"
	# Only root may suspend a filter.
	if [ $status = 0 ]
	then
		limited ./by-pid < /dev/null > /dev/null || fail "$1 accepted: does not run"
	elif [ "$1" != seccomp ] || [ "$(id -u)" = 0 ]
	then
		fail "$1 accepted: status $status"
	fi
	finish
}

if set_up seccomp
then
	lost seccomp "seccomp filter" 1
	# The whole session is in a sandbox.
	exec_filtered="$top_builddir/tests/lib/seccomp_exec container"
	expected=$("$subject" none < /dev/null | sed -n 2p | sed 's/nnp 0/nnp 1/')
	limited $exec_filtered "$subject" none app || fail "in a sandbox, from inside"
	shows "in a sandbox, from inside" ./app
	limited $exec_filtered ./app again twice || fail "in a sandbox, again"
	shows "in a sandbox, again" ./twice
fi
if set_up dispatch
then
	lost dispatch "syscall user dispatch"
fi
"$UNEXEC_TOOL" dump --lose=everything -o app 1 2> "$work/said"
same "the status of wrong usage" 2 $?
says "lose=everything: NAMES are some of these, separated by commas: seccomp "
exit 0
