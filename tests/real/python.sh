#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Python with a heavy set of imports, dumped by the module unexec in three lines: the dump's
# output is the program's. Then the state that the module promises to preserve and to refuse,
# and the end of a function that a dump began with.
. "${0%/*}/../lib/functions.sh"
. "$top_srcdir/tests/lib/python_module.sh"

examples=$top_srcdir/examples/python
"$PYTHON3" -c 'import ssl, sqlite3' || skip "python3 lacks modules"
limited "$PYTHON3" "$examples/app.py" --dump app || fail "no dump"

# Kernels before 6.2 do not start files with more program headers.
headers=$(readelf -h app | sed -n 's/.*Number of program headers: *//p')
[ "$headers" -le 73 ] || fail "$headers program headers"

# compare WORD…
compare()
{
	expected=$(limited "$PYTHON3" "$examples/app.py" "$@") || fail "the program itself"
	same "the dump's answer to $*" "$expected" "$(limited ./app "$@")"
}
compare
compare hello
compare the quick brown fox 'jumps  over' ''
limited ./app --nonsense > out 2> said
same "status with a wrong argument" 2 $?
grep -q 'unrecognized arguments: --nonsense' said || fail "$(cat said)"

# State, files, processes and threads.
cat > state.py <<'EOF'
import os, random, subprocess, sys, tempfile, threading, time
import unexec
kept = {str(i): [i] * 10 for i in range(10000)}
log = open("log", "w")
log.write("before ")
first = random.random()
print("before the dump,", end=" ")
while not unexec.dump("state"):
    print("original")
    sys.exit()
print("generation", unexec.generation())
log.write("after")
log.close()
assert all(kept[str(i)] == [i] * 10 for i in range(10000))
assert open("log").read() == "before after"
assert subprocess.check_output(["sh", "-c", "echo $NEW"]) == b"2\n"
assert subprocess.check_output(["cat"], input=b"text") == b"text"
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(5)]
[t.start() for t in threads], [t.join() for t in threads]
assert sorted(done) == [0, 1, 2, 3, 4]
assert abs(time.time() - os.stat("log").st_mtime) < 60
assert sys.stdin.readline() == "a line\n"
import colorsys, wave, mimetypes
with tempfile.TemporaryDirectory() as name:
    open(os.path.join(name, "x"), "w").close()
def down(n):
    return n and 1 + down(n - 1)
assert down(900) == 900
try:
    down(10**6)
    sys.exit("no limit")
except RecursionError:
    pass
EOF
same "the original" "before the dump, original" "$(limited "$PYTHON3" state.py)"
same "the dump" "generation 1" "$(echo 'a line' | NEW=2 limited ./state x)"

# A dump that begins with a function, and each way in which the function can end.
cat > entry.py <<'EOF'
import atexit, sys, threading
import unexec
kept = [1, 2, 3]
atexit.register(print, "atexit", flush=True)
@unexec.at_resume
def first():
    print("first", sys.argv[1:], end=" ")
@unexec.at_resume
def second():
    print("second", end=" ")
def main():
    print("main", kept, end=" ")
    how = sys.argv[1]
    if how == "thread":
        threading.Thread(target=lambda: print("thread", end=" ")).start()
    if how == "raise":
        raise LookupError("what was looked for")
    if how == "exit":
        sys.exit("said at the end")
    return None if how == "none" else 7
try:
    sys.exit(unexec.dump("entry", entry=main))
finally:
    print("the original ends", end=" ")
EOF
same "the original" "the original ends atexit" "$(limited "$PYTHON3" entry.py)"
# ends HOW STATUS WHAT-IT-SAYS LAST-LINE-OF-STDERR
ends()
{
	said=$(limited ./entry "$1" 2> errors)
	same "status of $1" "$2" $?
	same "output with $1" "first ['$1'] second main [1, 2, 3] $3" "$said"
	same "the errors of $1" "$4" "$(tail -n 1 errors)"
}
ends return 7 "atexit" ""
ends none 0 "atexit" ""
ends thread 7 "thread atexit" ""
ends exit 1 "atexit" "said at the end"
ends raise 1 "atexit" "LookupError: what was looked for"
grep -q 'entry.py", line 17, in main' errors || fail "no traceback: $(cat errors)"
same 'frames in the traceback' 1 "$(grep -c '^  File' errors)"

# A start ends without freeing objects, unless that is wanted. It writes what files have buffered,
# and removes temporary files.
cat > quick.py <<'EOF'
import sys, tempfile
import unexec
class Freed:
    def __del__(self):
        print("freed", end=" ", flush=True)
thing = Freed()
before = open("before", "w")
binary = open("binary", "wb")
def main():
    global after, temporary
    after = open("after", "w")
    temporary = tempfile.NamedTemporaryFile(dir=".", prefix="temporary")
    for file in before, after:
        file.write("buffered")
    binary.write(b"buffered")
    print("main", end=" ")
unexec.dump(sys.argv[1], entry=main, quick_exit=sys.argv[1] == "quick")
EOF
for how in quick slow
do
	same "the original" "freed" "$(limited "$PYTHON3" quick.py $how | xargs)"
	freed=
	[ $how = quick ] || freed=" freed"
	same "output of $how" "main$freed" "$(limited ./$how | xargs)"
	same "files of $how" "buffered buffered buffered" "$(cat before)$(
		echo " $(cat after) $(cat binary)")"
	for file in temporary*
	do
		[ ! -e "$file" ] || fail "$how: a temporary file is left"
	done
	if [ -w /dev/full ]
	then
		limited ./$how > /dev/full 2> errors
		same "status of $how if output cannot be written" 120 $?
		grep -q 'No space left' errors || fail "$how: no message: $(cat errors)"
	fi
done

# Obstacles are named, and the program continues.
cat > refused.py <<'EOF'
import os, threading
import unexec
order = []
unexec.at_dump(lambda: order.append("second"))
unexec.at_dump(lambda: order.append("first"))
os.mkfifo("fifo")
os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
try:
    unexec.dump("refused")
except unexec.DumpError as error:
    assert error.status is unexec.Status.UNSUPPORTED, error.status
    assert "descriptor 3 " in str(error) and "named pipe" in str(error), error
    first = error.diagnostics[0]
    assert first[:3] == ("error", "DESCRIPTOR", "capture"), first
    assert first.text in str(error)
assert order == ["first", "second"], order
def refuse(kind, *arguments, **options):
    try:
        unexec.dump("refused", *arguments, **options)
    except kind as error:
        print(error)
    else:
        print("no exception from", options)
refuse(ValueError, fds="open")
event = threading.Event()
thread = threading.Thread(target=event.wait, name="waits")
thread.start()
refuse(unexec.DumpError, fds="close", threads="refuse")
other = threading.Thread(target=refuse, args=(ValueError, print))
other.start(), other.join()
event.set(), thread.join()
unexec.at_dump(lambda: 1 / 0)
refuse(ZeroDivisionError, fds="close")
try:
    unexec.set_fd_policy(0, "close")
except ValueError as error:
    print(error)
EOF
limited "$PYTHON3" refused.py > said || fail "$(cat said)"
same "refused" "fds is one of recreate, close, null, keep, hangup, not 'open'
only the main thread can dump with an entry
division by zero
no policy for descriptor 0: it is always that of the new process" "$(grep -v ^refused: said)"
grep -q '^refused: .*thread' said || fail "$(cat said)"
[ -e refused ] && fail "written all the same"

# Descriptors that are given up on purpose, and memory that is zero in the dump.
cat > given_up.py <<'EOF'
import os, sys, warnings
import unexec
r, w = os.openpty()
copy = os.dup(r)
secret = bytearray(b"secret" * 10000)
unexec.exclude(secret)
unexec.set_fd_policy(r, "close")
unexec.set_fd_policy(open(copy, "rb", buffering=0, closefd=False), "close")
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    resumed = unexec.dump("given_up", fds="null")
if not resumed:
    assert secret[:6] == b"secret"
    assert all(one.category is unexec.DumpWarning for one in said), said
    assert len(said) == 1 and f"descriptor {w}," in str(said[0].message), said
    sys.exit()
assert not any(secret) and len(secret) == 60000
assert os.path.samestat(os.fstat(w), os.stat("/dev/null"))
for gone in r, copy:
    try:
        os.fstat(gone)
        sys.exit("not closed")
    except OSError:
        pass
EOF
limited "$PYTHON3" given_up.py || fail "no dump"
limited ./given_up || fail "not given up"
exit 0
