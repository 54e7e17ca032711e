#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Python with a heavy set of imports, dumped through ctypes in three lines: the dump
# says what the program says.
. "${0%/*}/../lib/functions.sh"

[ -x "$PYTHON3" ] || skip "no $PYTHON3"
examples=$top_srcdir/examples/python
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
"$PYTHON3" -c 'import ctypes, ssl, sqlite3' || skip "python3 lacks modules"
limited "$PYTHON3" "$examples/app.py" --dump app || fail "no dump"

# Kernels before 6.2 do not start what has more.
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
PYTHONPATH=$examples
export PYTHONPATH

# State, environment, random numbers, files, processes and threads.
cat > state.py <<'EOF'
import os, random, subprocess, sys, tempfile, threading, time
import unexec
kept = {str(i): [i] * 10 for i in range(10000)}
log = open("log", "w")
log.write("before ")
os.environ["OLD"] = "1"
first = random.random()
print("before the dump,", end=" ")
while not unexec.dump("state"):
    print("original")
    sys.exit()
print("generation", unexec.generation())
log.write("after")
log.close()
assert all(kept[str(i)] == [i] * 10 for i in range(10000))
assert os.environ["NEW"] == "2" and "OLD" not in os.environ, os.environ
assert sys.argv == ["./state", "x"], sys.argv
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
print(random.random(), os.urandom(8))
EOF
same "the original" "before the dump, original" "$(limited "$PYTHON3" state.py)"
one=$(echo 'a line' | OLD='' NEW=2 limited env -u OLD ./state x) || fail "the dump: $one"
two=$(echo 'a line' | NEW=2 limited ./state x) || fail "the dump: $two"
same "first line" "generation 1" "$(echo "$one" | head -1)"
[ "$one" != "$two" ] || fail "two starts have the same random numbers"

# Obstacles are named, and the program goes on.
cat > refused.py <<'EOF'
import os, threading
import unexec
r, w = os.openpty()
try:
    unexec.dump("refused")
except unexec.Error as error:
    print(error)
EOF
same "what is refused" "refused: UNEXEC_UNSUPPORTED" "$(limited "$PYTHON3" refused.py 2> said)"
grep -q "ptmx" said || fail "$(cat said)"
[ -e refused ] && fail "written all the same"
exit 0
