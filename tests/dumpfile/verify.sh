#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec verify finds each changed bit and prints its place, also at the end of a truncated
# file. It accepts stripped dumps and names files of other kinds. It lists requirements of a
# dump that are missing here.
. "${0%/*}/../lib/functions.sh"
[ -x "$PYTHON3" ] || skip "no python3"

# damage ARGUMENT…: see damage.py.
damage()
{
	"$PYTHON3" "$top_srcdir/tests/dumpfile/damage.py" "$@" || exit 99
}

verify()
{
	limited "$UNEXEC_TOOL" verify "$@" > out 2> said
	status=$?
	cat out said
}

# whole FILE
whole()
{
	verify "$1"
	[ $status = 0 ] || fail "status $status of $1"
	same "output of $1" "$1: whole, and can run here" "$(cat out said)"
}

# bad FILE PATTERN: verify does not crash, and each line of its reason names the file.
bad()
{
	verify "$1"
	[ $status = 1 ] || fail "status $status of $1"
	[ -s said ] || fail "no message for $1"
	grep -v "^unexec: $1: error: " said && fail "a line without the name"
	grep -q "$2" said || fail "no '$2' said of $1"
}

limited "$subject" dump full 3 || fail "no dump"
whole dump
verify -q dump
same "output of --quiet" "" "$(cat out said)"
[ $status = 0 ] || fail "status $status with --quiet"

# The same for dumps that are moved at the start, or changed by tools.
if command -v strip > /dev/null
then
	strip -o stripped dump && whole stripped
	objcopy dump copied && whole copied
fi
command -v eu-strip > /dev/null && eu-strip -o eu dump && whole eu
limited setarch -R "$subject" moved full 1 2> /dev/null && whole moved

# Damaged content.
damage dump load > places
[ "$(wc -l < places)" -gt 5 ] || fail "few segments"
while read -r place
do
	damage dump copy flip "$place"
	bad copy damaged
done < places
bad_place()
{
	for place in $(damage dump "$1")
	do
		damage dump copy flip "$place"
		bad copy "$2"
	done
}
bad_place .heap 'damaged: 0x.* of \[heap\]'
bad_place .stack 'damaged: 0x.* of \[stack\]'
bad_place .text 'damaged: 0x.* of .*/subject'
bad_place .unexec.image "damaged: the image's text"
bad_place .unexec.sums 'damaged: the checksums'
set -- $(damage dump .unexec)
damage dump copy flip "$1"
bad copy 'damaged: the restarter$'
damage dump copy flip "$2"
bad copy "damaged: the restarter's plan"
damage dump header > places
awk 'NR % 7 == 1' places > some
while read -r place
do
	damage dump copy flip "$place"
	bad copy .
done < some

size=$(stat -c %s dump)
for part in $(seq 0 49)
do
	damage dump copy cut $((size * part / 50))
	bad copy .
done
damage dump copy cut $((size - 1))
bad copy truncated

# Files that are no dumps.
bad /bin/sh 'not a dump'
bad /etc/passwd 'not an ELF file'
bad "$top_srcdir/tests/core/tiny.core" 'not a dump'
bad . 'not a regular file'
bad none 'No such file'
bad /dev/null 'not a regular file'
mkfifo fifo
bad fifo 'not a regular file'
: > empty
bad empty 'not an ELF file'
if [ "$(id -u)" = 0 ] && as_nobody test -x "$UNEXEC_TOOL"
then
	chmod 755 . && cp dump secret && chmod 600 secret
	limited as_nobody "$UNEXEC_TOOL" verify secret > out 2> said && fail "read by nobody"
	grep -q 'secret: error: Permission denied' said || fail "not said: $(cat said)"
fi

# A name of two lines is printed as one, by verify and by a start that fails.
name="two
lines"
cp dump "$name"
verify "$name"
same "output of a name of two lines" "two?lines: whole, and can run here" "$(cat out said)"
: > "a
file"
limited "$UNEXEC_TOOL" run -q -o "$name" -- sh -c 'exec 9< "a
file"; read line' < /dev/null || fail "run of a program with a file: status $?"
rm "a
file"
limited "./$name" 2> said
same "status of a dump whose file is missing" 125 $?
same "lines of its message" "1" "$(wc -l < said)"
grep -q 'two?lines: error: cannot reopen .*/a?file: No such file' said || fail "it says: $(cat said)"

# Requirements that are missing here.
damage dump lacking need zzz
chmod +x lacking
bad lacking 'cannot run here: this CPU lacks zzz'
cp dump plain && chmod -x plain
bad plain 'cannot run here: no permission to execute it'
echo data > data
sleep 1000 3< data &
sleeper=$!
trap 'kill $sleeper; cd /; rm -rf "$work"' EXIT
while [ "$(cat /proc/$sleeper/comm)" != sleep ]
do
	sleep 0.01
done
limited "$UNEXEC_TOOL" dump $sleeper -o opener || skip "no dump of a process"
whole opener
limited "$UNEXEC_TOOL" dump $sleeper -o - > sent || fail "none is sent"
chmod +x sent
whole sent
mv data other
bad opener "cannot run here: No such file or directory: $work/data"
same "said on standard output" "opener: whole" "$(cat out)"
limited ./opener 2> said
same "status of what was said not to run" 125 $?
