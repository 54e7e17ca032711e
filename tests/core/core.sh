# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the tests of undump: functions that make, use and check cores.
. "${0%/*}/../lib/functions.sh"

forge=$top_srcdir/tests/core/forge.py
tiny=$top_srcdir/tests/core/tiny.core
subject=$top_builddir/tests/core/subject

# kernel_core COMMAND…: runs it until the kernel dumps core, to the file "core". Its output goes
# to "printed". Skips if this system does not write cores to files.
kernel_core()
{
	case $(cat /proc/sys/kernel/core_pattern) in
	core | core.%p) ;;
	*) skip "cores go to $(cat /proc/sys/kernel/core_pattern), not to files here" ;;
	esac
	rm -f core core.*
	(ulimit -c unlimited 2> ulimit.said || exit 77; limited "$@" > printed 2>&1)
	[ $? != 77 ] || skip "no cores: $(cat ulimit.said)"
	for found in core core.*
	do
		[ -s "$found" ] || continue
		[ "$found" = core ] || mv "$found" core
		return 0
	done
	skip "the kernel wrote no core"
}

# aborted_core COMMAND…: a core of the command in the midst of its work, after its first output.
aborted_core()
{
	kernel_core sh -c '"$@" & tries=0
		until [ -s printed ] || [ $tries = 500 ]
		do sleep 0.02; tries=$((tries + 1)); done
		kill -ABRT $!; wait' - "$@"
}

# started COMMAND…: starts it in the background as $pid; its output goes to "printed".
started()
{
	"$@" > printed 2>&1 &
	pid=$!
	trap 'kill -KILL $pid 2> /dev/null; cd /; rm -rf "$work"' EXIT
	tries=0
	until [ -s printed ]
	do
		tries=$((tries + 1))
		[ $tries -lt 500 ] || fail "$1 does not start: $(cat printed)"
		sleep 0.02
	done
}

# ended: ends the started process.
ended()
{
	kill -KILL $pid
	wait $pid 2> /dev/null
	trap 'cd /; rm -rf "$work"' EXIT
}

# gdb_core: makes "core" of the started process, which continues.
gdb_core()
{
	need gcore
	limited gcore -o core $pid > gcore.said 2>&1 || skip "gcore: $(tail -n 1 gcore.said)"
	mv core.$pid core
}

# undumped [OPTION…]: makes "dump" of "core"; messages go to "said".
undumped()
{
	limited "$UNEXEC_TOOL" undump "$@" -o dump core > said 2>&1 || fail "undump: $(cat said)"
}

# goes_on: checks that the dump is of the subject and runs, twice.
goes_on()
{
	: > go
	same "output of the dump" "after: now, ./dump" "$(WHEN=now limited ./dump 2>&1)"
	same "its output the second time" "after: then, ./dump" \
		"$(WHEN=then limited ./dump 2>&1)"
	rm go
}

# said_once WORD…: checks that exactly one line of the messages has each word.
said_once()
{
	for word
	do
		same "lines with '$word'" 1 "$(grep -c -- "$word" said)"
	done
}
