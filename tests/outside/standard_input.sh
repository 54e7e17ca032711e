#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A program that had read a part of a file on standard input continues there when the dump is
# started with this file, or with a copy of it; another file is read from where it stands. Bytes in
# a pipe are named.
. "${0%/*}/../lib/functions.sh"

slow=$top_builddir/tests/outside/slow
seq 1 100000 > numbers
right='100000 lines, 5000050000'

# begin LINE FILE: starts it in the background and waits until it has read the line.
begin()
{
	rm -f half go app
	"$top_builddir/tests/lib/clean_exec" "$slow" "$1" < "$2" > printed &
	pid=$!
	while [ ! -e half ]
	do
		kill -0 $pid || fail "it ended by itself"
		sleep 0.01
	done
}

# finish: lets the process end.
finish()
{
	touch go
	wait $pid
}

# prints DUMP FILE EXPECTED: what a start with the file prints on standard output.
prints()
{
	limited "./$1" < "$2" > start 2> said || fail "$1 with $2: status $?: $(cat said)"
	same "what $1 prints with $2" "$3" "$(cat start)"
}

begin 50000 numbers
limited "$UNEXEC_TOOL" dump -o app $pid 2> said || fail "dump: $(cat said)"
limited "$UNEXEC_TOOL" dump -q --stdin=inherit -o inherits $pid || fail "dump --stdin=inherit"
finish
same "what the process prints" "$right" "$(cat printed)"
cp -p numbers copy
for file in numbers numbers copy
do
	prints app $file "$right"
	[ ! -s said ] || fail "a start with $file says: $(cat said)"
done
# With --stdin=inherit, it has the rest of a buffer and then reads the whole file.
limited ./inherits < numbers > start || fail "inherits: status $?"
[ "$(cut -d ' ' -f 1 start)" -ge 150000 ] || fail "--stdin=inherit: $(cat start)"
# A file of another size.
echo 1 > other
limited ./app < other > start 2> said || fail "another file: status $?"
grep -q "standard input is not the file that it was at the dump.*: .*/numbers" said ||
	fail "a start with another file says: $(cat said)"
# No file.
limited ./app < /dev/null > start 2> said || fail "no file: status $?"
[ ! -s said ] || fail "a start without a file says: $(cat said)"

# A dump of a dump. Then a dump after the whole file has been read: the rest is in a buffer.
begin_dump()
{
	rm -f half go
	./app < numbers > printed &
	pid=$!
	sleep 0.5
}
begin_dump
limited "$UNEXEC_TOOL" dump -q -o again $pid || fail "dump of a dump"
finish
same "what the dump prints" "$right" "$(cat printed)"
prints again numbers "$right"
seq 1 100 > few
begin 50 few
limited "$UNEXEC_TOOL" dump -q -o app $pid || fail "dump after all was read"
finish
prints app few "100 lines, 5050"
prints app other "101 lines, 5051"
[ ! -s said ] || fail "a start with more input says: $(cat said)"

# Under `unexec run`.
rm -f half go app
(sleep 1; touch go) &
limited "$UNEXEC_TOOL" run -q --when=after:0.5 -o app -- "$slow" 50000 < numbers > printed ||
	fail "run: status $?"
wait
prints app numbers "$right"

# A pipe with bytes in it.
rm -f half go
mkfifo fifo
exec 9<> fifo
seq 1 5000 >&9
begin 500 fifo
limited "$UNEXEC_TOOL" dump -o app $pid 2> said || fail "dump with a pipe: $(cat said)"
limited "$UNEXEC_TOOL" dump -v --stdin=inherit -o app $pid 2> inherit ||
	fail "dump --stdin=inherit with a pipe: $(cat inherit)"
exec 9>&-
finish
grep -Eq "note: [0-9]+ bytes in the pipe on standard input are not in the dump" inherit ||
	fail "with --stdin=inherit it says: $(cat inherit)"
grep -Eq "warning: [0-9]+ bytes in the pipe on standard input are not in the dump" said ||
	fail "of a pipe with bytes in it it says: $(cat said)"

# A pipe on standard output: its reader is outside.
rm -f half go app
mkfifo go
"$top_builddir/tests/lib/clean_exec" sh -c 'echo unread; : > half; read line < go' 1<> fifo 2>&1 &
pid=$!
while [ ! -e half ]
do
	kill -0 $pid || fail "it ended by itself"
	sleep 0.01
done
limited "$UNEXEC_TOOL" dump -v -o app $pid 2> said || fail "dump with a pipe as output: $(cat said)"
kill $pid
same "lines about the pipe" 1 \
	"$(grep -c 'note: 7 bytes in the pipe on standard output are not in the dump' said)"
