#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Python module unexec updates, in each start of a dump, the values that Python and its
# library have stored from the process they began in. It leaves values that the program has set.
. "${0%/*}/../lib/functions.sh"
. "$top_srcdir/tests/lib/python_module.sh"

# Each start prints what it sees as words, one a line; what() finds them.
cat > facts.py <<'EOF'
import logging, multiprocessing, os, platform, random, sys, tempfile, threading, time, uuid
import multiprocessing.process
import unexec

sys.path.insert(0, "modules")
try:
    import later
    sys.exit("it is there already")
except ImportError:
    pass
assert sys.stdin.readline() == "old 1\n"
sys.stdin.read(2)  # the rest of the text is decoded now
os.environ["SET"] = "1"
tempfile.gettempdir(), next(tempfile._get_candidate_names()), platform.node()
random.random(), uuid.uuid1(), time.localtime()
native = threading.main_thread().native_id
calls = []
os.register_at_fork(before=lambda: calls.append("before"),
                    after_in_parent=lambda: calls.append("parent"),
                    after_in_child=lambda: calls.append("child"))
if sys.argv[1:]:
    sys.stdout.reconfigure(line_buffering=True)
    tempfile.tempdir = os.getcwd()
if not unexec.dump("own" if sys.argv[1:] else "facts"):
    assert calls == ["before", "parent"], calls
    assert sys.stdin.read() == "d 2\n"
    sys.exit()
assert calls == ["before", "child"], calls
def show(name, value):
    print(name, value)
show("argv", sys.argv)
show("original", getattr(sys, "orig_argv", sys.argv))
show("environment", [os.environ.get("NEW"), os.environb.get(b"NEW"), os.getenv("SET")])
os.environ["NEW"] = "3"
show("child", os.popen("echo $NEW $SET").read().split())
show("zone", [time.tzname[0], time.timezone, time.strftime("%H", time.localtime(0))])
show("directory", tempfile.gettempdir())
show("name", next(tempfile._get_candidate_names()))
show("random", random.random())
show("key", bytes(multiprocessing.process.current_process().authkey).hex())
show("node", platform._uname_cache)
show("thread", threading.main_thread().native_id == os.getpid() != native)
show("records", logging.LogRecord("x", 0, "x", 1, "x", (), None).relativeCreated < 10000)
import later
show("later", later.value)
show("buffered", [sys.stdout.line_buffering, sys.stderr.line_buffering, sys.stdout.name])
show("seekable", sys.stdin.buffer.raw.seekable())
show("input", [sys.stdin.readline(), sys.stdin.read(), sys.stdin.mode, sys.stdin.name])
queue = multiprocessing.get_context("fork").SimpleQueue()
worker = multiprocessing.get_context("fork").Process(target=queue.put, args=(42,))
worker.start()
show("worker", queue.get())
worker.join()
EOF
what()
{
	same "$1" "$2" "$(sed -n "s/^$1 //p" "${3-one}")"
}

mkdir modules temporary
touch -d 2001-01-01 modules
printf 'old 1\nold 2\n' | TZ=UTC+5 limited "$PYTHON3" facts.py || fail "no dump"
echo 'value = 42' > modules/later.py
touch -d 2001-01-01 modules
printf 'new 1\nnew 2\n' > input
NEW=2 TZ=ABC-3 TMPDIR=$work/temporary limited ./facts a b < input > one || fail "the dump"
NEW=2 TZ=ABC-3 limited env -u TMPDIR sh -c 'cat input | ./facts | cat' > two || fail "twice"
what argv "['./facts', 'a', 'b']"
what original "['./facts', 'a', 'b']"
what environment "['2', b'2', '1']"
what child "['3', '1']"
what zone "['ABC', -10800, '03']"
what directory "$work/temporary"
what directory /tmp two
what node None
what thread True
what records True
what later 42
what buffered "[False, True, '<stdout>']"
what seekable True
what seekable False two
what input "['new 1\\n', 'new 2\\n', 'r', '<stdin>']"
what input "['new 1\\n', 'new 2\\n', 'r', '<stdin>']" two
what worker 42
for fact in name random key
do
	[ -n "$(sed -n "s/^$fact //p" one)" ] || fail "no $fact"
	[ "$(sed -n "s/^$fact //p" one)" != "$(sed -n "s/^$fact //p" two)" ] ||
		fail "two starts have the same $fact"
done

# Values at a terminal, and values that the program has chosen.
cat > terminal.py <<'EOF'
import os, pty, sys
keep = b""
def read(fd):
    global keep
    data = os.read(fd, 1000)
    keep += data
    return b""
child, fd = pty.fork()
if not child:
    os.execv("./facts", ["./facts"])
os.write(fd, b"new 1\nnew 2\n\x04")
try:
    while data := os.read(fd, 1000):
        keep += data
except OSError:
    pass
os.waitpid(child, 0)
open("three", "wb").write(keep.replace(b"\r", b""))
EOF
NEW=2 limited "$PYTHON3" terminal.py || fail "no terminal"
what buffered "[True, True, '<stdout>']" three
what input "['new 1\\n', 'new 2\\n', 'r', '<stdin>']" three
rm -r modules && mkdir modules
printf 'old 1\nold 2\n' | limited "$PYTHON3" facts.py own || fail "no dump"
echo 'value = 42' > modules/later.py
TMPDIR=$work/temporary limited ./own < input > four || fail "the other dump"
what buffered "[True, True, '<stdout>']" four
what directory "$work" four

# Input that was read ahead up to the middle of a character.
cat > cut.py <<'EOF'
import sys
import unexec
sys.stdin.read(1)
if unexec.dump("cut"):
    print(ascii(sys.stdin.read()))
EOF
printf 'a\303' | PYTHONIOENCODING=utf-8:strict limited "$PYTHON3" cut.py || fail "no dump"
same "input after a character that is cut" "'b\xe4'" "$(printf 'b\303\244' | limited ./cut)"

# A closed standard stream is None.
cat > closed.py <<'EOF'
import os, sys
import unexec
if unexec.dump("closed"):
    os.write(2, repr([sys.stdin, sys.stdout, sys.__stdout__]).encode())
    print("nowhere")
EOF
limited "$PYTHON3" closed.py || fail "no dump"
limited ./closed 2> said <&- >&-
same "closed" "[None, None, None]" "$(cat said)"
