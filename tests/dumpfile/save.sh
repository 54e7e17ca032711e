#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# If a dump cannot be written, one line says so, and the process is as before. A dump that is
# written to a pipe has the bytes that a file gets; verbose and quiet output is as asked for.
. "${0%/*}/../lib/functions.sh"
[ -x "$PYTHON3" ] || skip "no python3"

# The target waits without a time limit and on one CPU, whose number libc knows (rseq), so that
# nothing in it changes.
need taskset
mkfifo input
sleep 1000 > input &
writer=$!
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
taskset -c $cpu cat < input &
target=$!
trap 'kill $target $writer; cd /; rm -rf "$work"' EXIT
until grep -q '^0 ' /proc/$target/syscall
do
	sleep 0.02
done
limited "$UNEXEC_TOOL" dump $target -o first 2> said || { cat said; exit 1; }

# The state that /proc shows.
state()
{
	grep -E '^(State|TracerPid|Sig[^Q]|Shd|Threads|Seccomp)' /proc/$target/status
	cat /proc/$target/maps /proc/$target/syscall
	ls /proc/$target/fd
}
state > before

untouched()
{
	for i in 1 2 3 4 5 6 7 8 9 10 # it may be on its way back to where it waits
	do
		state > after
		cmp -s before after && return
		sleep 0.1
	done
	diff before after || fail "the process has changed"
}

# one_line PATTERN: checks that the only message is an error with that pattern.
one_line()
{
	untouched
	says "$1"
	same "lines said" 1 "$(wc -l < said)"
	grep -q "^unexec: $target: error: " said || fail "no error"
}

dump_fails()
{
	refused "$UNEXEC_TOOL" dump $target "$@"
}

mkdir dir && dir=$work/dir
echo old > dir/old
dump_fails -o dir
one_line 'dir: Is a directory'
dump_fails -o dir/
one_line 'dir/: Is a directory'
dump_fails -o dir/none/dump
one_line 'dir/none/dump: No such file'
dump_fails -o dir/old/dump
one_line 'dir/old/dump: Not a directory'
dump_fails -o ''
one_line 'the path of the dump is empty'
dump_fails -o /dev/full
one_line '/dev/full is not a regular file'
dump_fails --quiet -o dir
one_line 'Is a directory'
only old

# By an ordinary user, in a directory of somebody else.
if [ "$(id -u)" = 0 ]
then
	chmod 755 "$work" dir
	cp "$UNEXEC_TOOL" unexec
	refused as_nobody ./unexec dump $target -o dir/dump
	one_line 'dir/dump: Permission denied'
	only old
fi

# ---- Standard output: full, closed, for reading, without a reader, a terminal ------------

# The status goes to a file: it may be one end of a pipe that runs this.
to_stdout()
{
	timeout -k 5 60 "$UNEXEC_TOOL" dump $target -o - 2> said
	echo $? > status
}

to_stdout_fails()
{
	cat said
	same status 1 "$(cat status)"
	one_line "$1"
}

to_stdout > /dev/full
to_stdout_fails 'cannot send the dump: No space left on device'
to_stdout >&-
to_stdout_fails 'cannot write to standard output: Bad file descriptor'
to_stdout 1< /dev/null
to_stdout_fails 'cannot write to standard output: Bad file descriptor'
to_stdout | true
to_stdout_fails 'cannot send the dump: Broken pipe'

# on_terminal NAME COMMAND…: its stdout or stderr is a terminal; prints what that shows.
cat > on_terminal.py << 'EOF'
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
child = subprocess.Popen(sys.argv[2:], **{sys.argv[1]: theirs})
os.close(theirs)
try:
    while data := os.read(ours, 65536):
        sys.stdout.buffer.write(data)
except OSError:
    pass
sys.exit(child.wait())
EOF
on_terminal()
{
	timeout -k 5 60 "$PYTHON3" on_terminal.py "$@"
}

on_terminal stdout "$UNEXEC_TOOL" dump $target -o - > shown 2> said
echo $? > status
[ -s shown ] && fail "a dump on the terminal"
to_stdout_fails 'standard output is a terminal'

# ---- The file and the output -------------------------------------------------------------

limited "$UNEXEC_TOOL" dump $target -o file > said 2>&1 || fail "no dump: $(cat said)"
same "output" '' "$(cat said)"
untouched
limited "$UNEXEC_TOOL" dump $target -o - 2> said | cat > sent
same "output" '' "$(cat said)"
cmp file sent || fail "a pipe gets something else"
untouched
limited "$UNEXEC_TOOL" dump $target -o named -v 2> said || fail "no dump"
"$UNEXEC_TOOL" @census | awk -F '|' '$4 == "reset" { print "note: each start resets: " $2 ": " $5 }' \
	> resets
[ -s resets ] || fail "the census has nothing that is reset"
same "notes of what a start resets" "$(cat resets)" "$(sed -n 's/.*: \(note: each start resets:\)/\1/p' said)"
grep -qE "^unexec: $target: note: wrote named: [0-9.]+ [kM]B, [0-9]+ regions, 1 thread, [0-9]+\.[0-9]+ s$" said ||
	fail "$(cat said)"
limited "$UNEXEC_TOOL" dump $target --output=- --verbose 2> said | cat > sent
grep -q 'note: wrote standard output: .* 1 thread, ' said || fail "$(cat said)"
limited "$UNEXEC_TOOL" dump $target -q -o named > said 2>&1 || fail "no dump"
same "output" '' "$(cat said)"
limited "$UNEXEC_TOOL" dump $target -o ./- 2> said || fail "no dump"
cmp file ./- || fail "no file of the name -"

# With a slow reader, a terminal shows the progress, and nothing of it at the end.
slowly()
{
	on_terminal stderr sh -c '"$0" dump "$@" -o - | (sleep 2; cat > sent)' \
		"$UNEXEC_TOOL" "$@"
}
slowly $target > shown
grep -qE 'unexec: sending: .* of .*, .*/s, .* s left' shown ||
	fail "no progress: $(cat shown)"
"$PYTHON3" -c '
lines = open("shown", newline="").read().split("\r")
assert lines[-1] == "" and not lines[-2].strip(), lines' || fail "the line stays"
cmp file sent || fail "something else was sent"
slowly -q $target > shown
same "output of --quiet" '' "$(cat shown)"
{ limited "$UNEXEC_TOOL" dump $target -o - | (sleep 2; cat > sent); } 2> said
same "progress without a terminal" '' "$(cat said)"

# Ended in the middle, when the pipe is full.
mkfifo pipe
sleep 1000 < pipe &
reader=$!
"$UNEXEC_TOOL" dump $target -o - > pipe 2> said &
unexec=$!
sleep 0.5
kill $unexec || fail "nothing to be ended"
wait $unexec
same status $((128 + 15)) $?
kill $reader
untouched
