#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --map-path, a start opens the files of the process at other paths: open files, shared
# mappings, inotify's watches, UNIX-domain sockets, the working directory.
. "${0%/*}/../lib/functions.sh"

need "$PYTHON3"
mkdir old old/sub oldest
cat > program.py <<'END'
import ctypes, mmap, os, socket, sys
os.chdir("old/sub")
log = open("log", "ab", buffering=0)
log.write(b"first ")
near = open("../../oldest/near", "wb", buffering=0)
data = open("../data", "w+b")
data.truncate(4096)
shared = mmap.mmap(data.fileno(), 4096)
data.close()
server = socket.socket(socket.AF_UNIX)
server.bind(os.path.abspath("socket"))
server.listen()
libc = ctypes.CDLL(None)
watches = libc.inotify_init1(os.O_NONBLOCK)
libc.inotify_add_watch(watches, os.path.abspath(".").encode(), 0x100)
sys.stdin.readline()
log.write(b"second")
near.write(b"near")
shared[:4] = b"data"
socket.socket(socket.AF_UNIX).connect(os.path.abspath("socket"))
open("made", "w").close()
print(os.getcwd(), os.read(watches, 100).count(b"made"))
END
limited "$UNEXEC_TOOL" run -q --map-path="$work/old/=$work/new" -o app -- \
	"$PYTHON3" program.py < /dev/null || fail "run: status $?"
mv old new
same "output" "$work/new/sub 1" "$(limited ./app < /dev/null 2>&1)"
same "the log" 'first second' "$(cat new/sub/log)"
same "a file whose path only begins like it" near "$(cat oldest/near)"
same "the mapping" data "$(head -c 4 new/data)"

# The first that matches counts, and a path is not mapped twice.
mv new old
rm -f old/sub/*
limited "$UNEXEC_TOOL" run -q --map-path="$work/old/sub=$work/new/sub" --map-path="$work/old=$work/other" \
	--map-path="$work/new=/nowhere" -o app -- "$PYTHON3" program.py < /dev/null || fail "run: $?"
mkdir new other
mv old/sub new/sub
mv old/data other/data
same "output" "$work/new/sub 1" "$(limited ./app < /dev/null 2>&1)"
same "the mapping" data "$(head -c 4 other/data)"

# A socket's path has room for 107 bytes.
rm -rf old
mkdir -p old/sub
long=$work/$(printf %0100d 0)
limited "$UNEXEC_TOOL" run -q --map-path="$work/old=$long" -o no -- "$PYTHON3" program.py \
	< /dev/null 2> said && fail "a path that is too long"
grep -q "error: the path of a socket becomes too long: $long/sub/socket" said || fail "$(cat said)"
for wrong in old=/new /old /old=new
do
	"$UNEXEC_TOOL" run --map-path="$wrong" true 2> said
	same "status of $wrong" 2 $?
	grep -q "error: --map-path=$wrong: it is not OLD=NEW" said || fail "$(cat said)"
done
