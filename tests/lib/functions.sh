# SPDX-License-Identifier: GPL-3.0-or-later
#
# Shell tests source this file, which makes a private directory and defines checks.
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
# With this variable, gdb and elfutils would download debug information during a test.
unset DEBUGINFOD_URLS

subject=$top_builddir/tests/dumpfile/subject
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

# need PROGRAM…: skips the test unless all of them are installed.
need()
{
	for program
	do
		command -v "$program" > /dev/null || skip "no $program"
	done
}

# limited COMMAND…: runs it with a time limit.
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

# same NAME EXPECTED GOT: fails unless both are equal.
same()
{
	[ "$2" = "$3" ] && return
	printf '%s: expected\n%s\nbut got\n%s\n' "$1" "$2" "$3" >&2
	exit 1
}

# runs FILE: fails unless it is a complete dump of the subject.
runs()
{
	same "output of $1" "alive: one two" "$(limited "$1" one two 2>&1)"
}

# only NAME…: fails unless the directory "$dir" has these files and no others.
only()
{
	same "files in the directory" "$(printf '%s\n' "$@" | sort)" \
		"$(find "$dir" -mindepth 1 -printf '%P\n' | sort)"
}

# refused COMMAND…: the command must fail with status 1 and a message, not by a signal. Its
# output is in "$work/said".
refused()
{
	limited "$@" > "$work/said" 2>&1
	status=$?
	cat "$work/said"
	[ $status = 1 ] || fail "status $status from $*"
	[ -s "$work/said" ] || fail "no message from $*"
}

# says PATTERN: the output of the refused command must match.
says()
{
	grep -qi "$1" "$work/said" || fail "the message has no '$1'"
}

# as_nobody COMMAND…: runs it as an ordinary user.
as_nobody()
{
	if [ "$(id -u)" = 0 ]
	then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# Prints the size of a file's blocks on disk, in KB.
disk_usage()
{
	echo $(($(stat -c %b "$1") * $(stat -c %B "$1") / 1024))
}
