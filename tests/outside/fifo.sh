#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Named pipes that a shell holds open for reading and writing keep their content, with the name and
# after it is deleted, also in a dump of a dump. A start does not write the content to a named pipe
# that the process still reads. One end alone is refused, or opened by its name.
. "${0%/*}/../lib/functions.sh"
need bash

after='read line; read text <&9; echo "text: $text, line: $line"'
mkfifo fifo
for program in "exec 9<> fifo; echo kept >&9; $after" \
	"mkfifo gone; exec 9<> gone; rm gone; echo kept >&9; $after"
do
	rm -f app again
	limited "$UNEXEC_TOOL" run -o app -- bash -c "$program" < /dev/null 2> said ||
		fail "run of $program: $(cat said)"
	limited "$UNEXEC_TOOL" run -o again -- ./app < /dev/null 2> said ||
		fail "run of the dump of $program: $(cat said)"
	for dump in app again
	do
		same "output of $dump of $program" "text: kept, line: typed" \
			"$(echo typed | limited ./$dump)"
	done
done

# While the process itself reads the named pipe.
mkfifo input
"$top_builddir/tests/lib/clean_exec" bash -c "exec 9<> fifo; echo kept >&9; $after" \
	< input > printed &
pid=$!
exec 8> input
while ! limited "$UNEXEC_TOOL" dump -q -o held $pid 2> said ||
	! "$UNEXEC_TOOL" info --text held | grep -q '^fifo .* length=9'
do
	kill -0 $pid || fail "it ended by itself: $(cat said)"
	sleep 0.05
done
limited ./held < /dev/null 2> said
same "status of a start" 125 $?
grep -q "cannot restore the content of a named pipe that another process reads: .*/fifo" said ||
	fail "the start says: $(cat said)"
echo typed >&8
wait $pid
same "output of the process" "text: kept, line: typed" "$(cat printed)"
same "output of a later start" "text: kept, line: " "$(limited ./held < /dev/null)"

# One end.
"$top_builddir/tests/lib/clean_exec" sleep 50 > fifo &
writer=$!
program='exec 9< fifo; read line; read text <&9; echo "text: $text"'
refused "$UNEXEC_TOOL" run -o one -- bash -c "$program" < /dev/null
says "descriptor 9 is one end of a named pipe (.*/fifo); --fd 9=hangup or --fd 9=close dumps"
says ", --fd 9=recreate opens its name"
limited "$UNEXEC_TOOL" run -o one --fd 9=recreate -- bash -c "$program" < /dev/null 2> said ||
	fail "--fd 9=recreate: $(cat said)"
kill $writer
exec 7<> fifo
echo new >&7
same "output of a dump with one end" "text: new" "$(limited ./one < /dev/null)"
