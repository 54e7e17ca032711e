#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps of interpreters' cores, taken at the prompt, answer 6*7.
. "${0%/*}/core.sh"

# asleep PROCESS: waits until it has nothing more to do.
asleep()
{
	tries=0 still=0
	while [ $still -lt 10 ]
	do
		case $(cut -d ' ' -f 3 /proc/$1/stat) in
		S) still=$((still + 1)) ;;
		*) still=0 ;;
		esac
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || fail "$2 does not come to its prompt"
		sleep 0.02
	done
}

# knows QUESTION COMMAND…
knows()
{
	question=$1
	shift
	command -v "$1" > /dev/null || { echo "no $1"; return; }
	rm -f input
	mkfifo input
	"$@" < input > printed 2>&1 &
	pid=$!
	trap 'kill -KILL $pid 2> /dev/null; cd /; rm -rf "$work"' EXIT
	exec 3> input
	asleep $pid "$1"
	# Ruby's timer thread, since 3.3, ends the program when its epoll descriptor is gone.
	if ls -l /proc/$pid/fd | grep -q eventpoll
	then
		ended
		exec 3>&-
		echo "$1 waits at descriptors that are not in a core"
		return
	fi
	gdb_core
	ended
	exec 3>&-
	undumped
	printf '%s\n' "$question" | limited ./dump > printed 2>&1 ||
		fail "$1: status $?: $(cat printed)"
	grep -qx '42' printed || fail "output of $1: $(cat printed)"
	echo "$1 knows"
	found=yes
}

found=
knows 'echo $((6*7))' bash --norc --noprofile
knows '6*7' bc
knows any gawk '{ print 6*7 }'
knows 'print(6*7)' lua5.4 -i
knows 'print(6*7)' "$PYTHON3" -i -q
knows 'puts 6*7' ruby
knows 'select 6*7;' sqlite3
knows 'puts [expr 6*7]' tclsh
[ "$found" ] || skip "none of the interpreters is here"
