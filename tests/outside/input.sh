#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `unexec run`: a program that reads standard input is dumped when it would wait for more, by
# whatever call, after it has read all available input.
. "${0%/*}/../lib/functions.sh"

moments=$top_builddir/tests/outside/moments

# waits BEFORE MODE…: dumped between "1 2" and "3 4".
waits()
{
	before=$1
	shift
	rm -f app fifo
	mkfifo fifo
	exec 9<> fifo
	printf '1\n2\n' >&9
	limited "$UNEXEC_TOOL" run -o app -- "$moments" "$@" < fifo > printed 2> said 9>&- ||
		fail "$*: status $?: $(cat said)"
	exec 9>&-
	same "output of $* first" "$before" "$(echo $(cat printed))"
	for start in one two
	do
		same "output of start $start of $*" "read 3 read 4 end" \
			"$(echo $(printf '3\n4\n' | limited ./app 2>&1))"
	done
}

for mode in read poll ppoll select pselect epoll nested late
do
	waits "read 1 read 2" $mode
	waits "read 1 read 2" $mode of-a-copy
done
# A poll that does not wait causes no dump.
waits "read 1 read 2 tried" busily

# At the end of the input, a program is dumped before read() returns 0.
printf '1\n2\n' > file
for input in file /dev/null pipe
do
	rm -f app
	if [ $input = pipe ]
	then
		# All input is in the pipe, and its writer has ended, before the first read.
		cat file | (sleep 0.5 && limited "$UNEXEC_TOOL" run -o app -- "$moments" read) \
			> printed || fail "$input: status $?"
	else
		limited "$UNEXEC_TOOL" run -o app -- "$moments" read < $input > printed ||
			fail "$input: status $?"
	fi
	before='read 1 read 2'
	[ $input != /dev/null ] || before=''
	same "its output of $input" "$before" "$(echo $(cat printed))"
	same "output of a start" "read 3 end" "$(echo $(echo 3 | limited ./app 2>&1))"
done

# A program that never reads is never dumped.
rm -f app
limited "$UNEXEC_TOOL" run -o app -- true < /dev/null 2> said
same "status of what never waits" 1 "$?"
grep -q "ended with status 0 before 'stdin' came" said || fail "stderr: $(cat said)"
[ ! -e app ] || fail "a program that never waited was dumped"
