# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the tests that are shell scripts: makes a private directory, and defines checks.
set -u
: "${top_builddir:=$PWD}"
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${UNEXEC_TOOL:=$top_builddir/unexec}"
: "${UNEXEC_LIBRARY:=$top_builddir/.libs/libunexec.so.0}"
: "${PYTHON3:=/usr/bin/python3}"
: "${READELF:=readelf}"
export UNEXEC_TOOL UNEXEC_LIBRARY
if [ -z "${UNEXEC_TEST_CLEAN-}" ]
then
	UNEXEC_TEST_CLEAN=1 exec "$top_builddir/tests/lib/clean_exec" "$0"
fi
unset UNEXEC_TEST_CLEAN
LC_ALL=C
export LC_ALL
# With it, gdb and elfutils would download debug information in the middle of a test.
unset DEBUGINFOD_URLS

subject=$top_builddir/tests/dump/subject
work=$(mktemp -d "${TMPDIR:-/tmp}/unexec-test-XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM HUP
cd "$work" || exit 99

fail()
{
	echo "FAILED: $*" >&2
	exit 1
}

skip()
{
	echo "skipped: $*" >&2
	exit 77
}

# need PROGRAM…: skips without them.
need()
{
	for program
	do
		command -v "$program" > /dev/null || skip "no $program"
	done
}

# limited COMMAND…: so that nothing hangs.
limited()
{
	if [ "$1" = as_nobody ]
	then
		shift
		as_nobody timeout -k 5 60 "$@"
	else
		timeout -k 5 60 "$@"
	fi
}

# same WHAT EXPECTED GOT
same()
{
	[ "$2" = "$3" ] && return
	printf '%s: expected\n%s\nbut got\n%s\n' "$1" "$2" "$3" >&2
	exit 1
}

# runs FILE: it is a dump of the subject that is whole.
runs()
{
	same "output of $1" "alive: one two" "$(limited "$1" one two 2>&1)"
}

# only NAME…: there is nothing else in the directory "$dir".
only()
{
	same "files in the directory" "$(printf '%s\n' "$@" | sort)" \
		"$(find "$dir" -mindepth 1 -printf '%P\n' | sort)"
}

# refused COMMAND…: fails by itself, not by a signal; what it said is in "$work/said".
refused()
{
	limited "$@" > "$work/said" 2>&1
	status=$?
	cat "$work/said"
	[ $status = 1 ] || fail "status $status from $*"
	[ -s "$work/said" ] || fail "nothing said by $*"
}

# says PATTERN: the message of what was refused.
says()
{
	grep -qi "$1" "$work/said" || fail "the message has no '$1'"
}

# as_nobody COMMAND…: as an ordinary user.
as_nobody()
{
	if [ "$(id -u)" = 0 ]
	then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# Blocks on disk, in KB.
disk_usage()
{
	echo $(($(stat -c %b "$1") * $(stat -c %B "$1") / 1024))
}
