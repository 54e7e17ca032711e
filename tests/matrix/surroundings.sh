#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps are made and started in many surroundings: a program that dumps itself, and lua, which
# does not use libunexec. Each is made there and started here, made here and started there, and
# made and started there; if that is impossible, one line says why. Prints a table.

# Each dump waits for the disk, if there is one.
if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts
then
	TMPDIR=/dev/shm
	export TMPDIR
fi
. "${0%/*}/../lib/functions.sh"
need prlimit setpriv taskset unshare setarch

# An ordinary user may be unable to read the tree, but can read this directory.
chmod 755 "$work"
mkdir -p bin/tests/lib
real=$top_builddir/tests/matrix/.libs/subject # libtool's, if it is not linked to the archive
[ -x "$real" ] || real=$top_builddir/tests/matrix/subject
cp "$real" "$UNEXEC_TOOL" "$UNEXEC_LIBRARY" "$top_srcdir/tests/matrix/in.sh" \
	"$top_srcdir/tests/matrix/program.lua" bin || exit 99
cp "$top_builddir/tests/lib/seccomp_exec" bin/tests/lib || exit 99
subject=$work/bin/subject
UNEXEC_TOOL=$work/bin/unexec UNEXEC_LIBRARY=$work/bin/libunexec.so.0
top_builddir=$work/bin LD_LIBRARY_PATH=$work/bin
export top_builddir LD_LIBRARY_PATH
mkdir place
chmod 777 place
cd place || exit 99

programs=subject
if command -v lua5.4 > /dev/null
then
	programs="subject lua"
fi

# within NAME COMMAND…: returns the command's status; its output goes to "out" and "said".
within()
{
	timeout -k 5 60 sh "$work/bin/in.sh" "$@" < "$input" > "$work/out" 2> "$work/said"
	status=$?
	return $status
}
echo here > "$work/input"
printf 'one\ntwo\n' > "$work/lines"
input=/dev/null

# make NAME PROGRAM FILE
make()
{
	input=/dev/null
	case $2 in
	subject) within "$1" "$subject" "$3" ;;
	subject-open) within "$1" "$subject" "$3" open "$work/place/file" ;;
	subject-*) within "$1" "$subject" "$3" "${2#subject-}" ;;
	lua-file) within "$1" env LINES="$work/lines" \
		"$UNEXEC_TOOL" run -q -o "$3" -- lua5.4 "$work/bin/program.lua" ;;
	lua) within "$1" "$UNEXEC_TOOL" run -q -o "$3" -- lua5.4 "$work/bin/program.lua" ;;
	esac
}

# start NAME FILE: starts the dump; true if its output is right.
start()
{
	rm -f answer
	input=$work/input
	within "$1" "$2" here || return 1
	[ ! -e answer ] || mv answer "$work/out"
	case $1 in
	*closed) grep -q '^well' "$work/out" ;; # there is nothing to read
	*) grep -q '^well here' "$work/out" ;;
	esac
}

row()
{
	printf '%-24s %-8s %s\n' "$@"
}

# told NAME PROGRAM WHAT: prints why the last command failed.
failures=0
told()
{
	failures=$((failures + 1))
	row "$1" "$2" "FAILED: $3: status $status: $(head -n 5 "$work/said" "$work/out" | cut -c 1-300)"
}

# is_there NAME
is_there()
{
	input=/dev/null
	case ${1##*+} in
	chroot) within "$1" "$work/here.subject" here ;;
	on=*) within on=ro "$work/here.subject" here ;;
	set-id) [ "$(id -u)" = 0 ] || { echo "not root" > "$work/said"; false; } ;;
	*) within "$1" true ;;
	esac && return
	row "$1" "" "not tried: $(head -n 1 "$work/said")"
	return 1
}

# try NAME DIRECTION PROGRAM
try()
{
	there=$work/place/there.$3
	rm -f "$there"
	if [ "$2" != started ]
	then
		make "$1" "$3" "$there" || { told "$1" "$3" "made there"; return; }
		start here "$there" || { told "$1" "$3" "made there, started here"; return; }
	fi
	if [ "$2" != made ]
	then
		start "$1" "$work/here.$3" || { told "$1" "$3" "started there"; return; }
	fi
	if [ "$2" = both ]
	then
		start "$1" "$there" || { told "$1" "$3" "made and started there"; return; }
	fi
	row "$1" "$3" "$2"
}

# works NAME [DIRECTION [PROGRAM]]: made or started there, or both.
works()
{
	is_there "$1" || return
	for program in ${3:-$programs}
	do
		try "$1" "${2:-both}" "$program"
	done
}

for program in $programs
do
	make here "$program" "$work/here.$program" || fail "$program: $(cat "$work/said")"
done
# refuses WHAT PATTERN NAME COMMAND…: the command prints one line besides warnings, which begins with "unexec: " and
# has the pattern. A dump that does not start ends with status 125, other commands of ours with 1.
refuses()
{
	what=$1 pattern=$2
	shift 2
	if ! is_there "$1"
	then
		return
	fi
	within "$@"
	sed -i '/^unexec: .*: warning: /d' "$work/said"
	if [ "$(wc -l < "$work/said")" = 1 ] && grep -q "^unexec: .*$pattern" "$work/said" &&
		{ [ $status = 125 ] || { [ $status = 1 ] && [ "$what" != "started" ]; }; }
	then
		row "$1" "" "$what: $(cat "$work/said")"
	else
		told "$1" "" "$what, wanted '$pattern'"
	fi
}

# never_crashes LIMIT SIZE…: sizes in KB, from the least to the most. A dump that cannot start
# prints a message; or the kernel kills it in execve, but not if a smaller size was executed.
never_crashes()
{
	limit=$1 executed='' results=
	shift
	for size
	do
		rm -f answer
		within "$limit=$((size * 1024))" "$work/here.subject" here
		# If the limit is just reached, the stack cannot grow by a page; a little more suffices.
		[ $status != 139 ] || [ -z "$executed" ] || {
			rm -f answer
			within "$limit=$(((size + 400) * 1024))" "$work/here.subject" here
		}
		results="$results $status"
		case $status in
		0) grep -q '^well here' "$work/out" ;;
		3) grep -q 'no memory' "$work/said" ;;
		125) [ "$(wc -l < "$work/said")" = 1 ] && grep -q '^unexec: ' "$work/said" ;;
		*) [ -z "$executed" ] && [ $status -gt 128 ] && continue ;;
		esac || { told "$limit=$size KB" subject started; return; }
		executed=yes
	done
	row "$limit=least" subject "statuses$results"
}

echo "# As other kernels and containers have it."
works no-checkpoint-restore
works docker
[ "$programs" = subject ] || works docker made lua-file
works nobody+docker
works nobody+container started
works no-huge-pages

echo "# Limits."
works stack=unlimited
works stack=1048576
make here subject-deep "$work/deep"
start here "$work/deep" || told here subject-deep "started"
refuses started 'needs a stack of .* KB' stack=1048576 "$work/deep"
works as=4294967296
never_crashes as 1000 2000 4000 8000 12000 16000 18000 20000 22000 24000 26000 28000 30000 34000 40000
works data=536870912
never_crashes data 100 200 400 800 1600 3200 6400 9000 10000 11000 12800 25600 51200
works nofile=32
make here subject-high "$work/high"
refuses started 'descriptor 200: .*ulimit -n' nofile=64 "$work/high"
refuses made 'Too many open files' nofile=8 "$subject" "$work/place/there"
refuses started 'start thread subject' nobody+nproc=1 "$work/here.subject"
refuses made 'File too large' fsize=100000 "$subject" "$work/place/there"
echo precious > file
make here subject-open "$work/open"
within no-stderr+nofile=3 "$work/open"
same "status with too few descriptors" 125 $status
same "the file that is open then" precious "$(cat file)"
works memory=33554432
works one-cpu

echo "# Rights."
works nobody
works no-new-privs
works sudo
if start set-id "$work/here.subject"
then
	row set-id subject started
else
	refuses started 'more rights than its starter' set-id "$work/here.subject" here
fi

echo "# File systems."
works on=ro started
works no-proc started
works chroot started
if is_there on=noexec
then
	within on=noexec "$work/here.subject"
	same "status on a noexec file system" 126 $status
	row on=noexec "" "$(sed 's/.*: //' "$work/said")"
fi
refuses made '/proc' no-proc "$subject" "$work/place/there"
refuses made '/proc' no-proc "$UNEXEC_TOOL" run -o "$work/place/there" -- lua5.4 -i
refuses made 'Read-only file system' to=ro "$subject" mounted/there
works pid1 both lua
works pid1 started subject
works outer-proc started
refuses made 'another PID namespace' outer-proc "$subject" "$work/place/there"
# The first threads of a PID namespace have small TIDs, which any word in memory may equal.
if is_there pid1
then
	make pid1 subject "$work/place/there"
	if grep -q 'warning: .*look like a lock that thread 1 holds' "$work/said" &&
		start pid1 "$work/place/there"
	then
		row pid1 subject "made and started, with a warning"
	else
		told pid1 subject "made and started"
	fi
fi

echo "# What is inherited."
works no-aslr
works many-arguments
works much-environment
works no-environment
works preload
works closed started
works nohup
works ignored
works blocked
works nice
works timeout

echo "# Who looks on."
works strace both subject
works strace started lua
refuses made 'is already traced by process' strace "$UNEXEC_TOOL" run -o "$work/place/there" -- lua5.4 -i
works gdb started

[ $failures = 0 ]
