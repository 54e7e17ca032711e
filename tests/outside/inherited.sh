#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Descriptors and children that `unexec run` has inherited are its starter's, not the program's:
# a dump has the descriptors that its own starter leaves open, and needs no word about the
# children. All that the program itself has made stays its own.
. "${0%/*}/../lib/functions.sh"
need bash

# run OPTION… -- COMMAND…: dumps the command at its first read of standard input.
run()
{
	rm -f app
	limited "$UNEXEC_TOOL" run --verbose -o app "$@" < /dev/null > said 2>&1 ||
		fail "$*: $(cat said)"
}

# says PATTERN: what run said has a line that matches.
says()
{
	grep -Eq "$1" said || fail "no '$1' in: $(cat said)"
}

# A file, and a pipe whose other end and maker are the starter's.
echo old > old
echo new > new
program='read line; read inherited <&9; echo "9: $inherited"'
run -- bash -c "$program" 9< old
says 'note: descriptor 9 \(.*/old\) was inherited: a start has it as its starter leaves it$'
same "with another file" "9: new" "$(limited ./app 9< new < /dev/null)"
limited ./app < /dev/null 2>&1 9<&- | grep -q '9: Bad file descriptor' || fail "it has a file at 9"
export program
limited bash -c 'exec "$UNEXEC_TOOL" run --verbose -o app -- bash -c "$program" 9< <(sleep 50)' \
	< /dev/null > said 2>&1 || fail "a pipe of the starter's child: $(cat said)"
says 'note: descriptor 9 \(pipe:.*\) was inherited'
says 'note: child [0-9]* \((sleep|bash)\) was inherited: it is not in the dump'
same "with a pipe" "9: piped" "$(echo piped | limited ./app 9<&0 < /dev/null)"

# Duplicates of it.
run -- bash -c 'exec 5<&9; read line; read inherited <&5; echo "5: $inherited"' 9< old
same "a duplicate" "5: new" "$(limited ./app 9< new < /dev/null)"
limited ./app 5< new 9<&- < /dev/null 2>&1 | grep -q '5: Bad file' || fail "it has a file at 5"

# The dump of a dump.
mv app first
run -- ./first 9< new
says 'note: descriptor 9 .*/new\) was inherited'
same "a dump of a dump" "5: old" "$(limited ./app 9< old < /dev/null)"

# An explicit policy, and what the program has opened at the same number.
run --fd 9=recreate -- bash -c "$program" 9< old
same "with --fd 9=recreate" "9: old" "$(limited ./app 9< new < /dev/null)"
run -- bash -c "exec 9<&- 9< new; $program" 9< old
same "reopened by the program" "9: new" "$(limited ./app 9< old < /dev/null)"
limited "$UNEXEC_TOOL" run -o app -- bash -c "exec 9< <(sleep 50); $program" < /dev/null > said 2>&1 &&
	fail "a pipe of the program was not refused"
says 'error: descriptor 9 is .*--fd 9=close'
# A child of the program is its own.
limited bash -c 'exec "$UNEXEC_TOOL" run -o app -- bash -c "sleep 50 & read line" 9< <(sleep 50)' \
	< /dev/null > said 2>&1 && fail "a child of the program was not refused"
says 'error: the process has 1 child, '

# A library that is loaded later cannot know what the program was started with.
[ -x "$PYTHON3" ] || exit 0
cat > late.py <<'END'
import ctypes, os
os.dup2(os.open("old", os.O_RDONLY), 9)
if ctypes.CDLL(os.environ["UNEXEC_LIBRARY"]).unexec_dump(b"late", None, None) == 1:
	print(os.read(9, 3), flush=True)
	os._exit(0)
END
limited "$PYTHON3" late.py 2> said || fail "late.py: $(cat said)"
same "a file of a program that loads the library late" "b'old'" "$(limited ./late 9<&-)"
