#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One process dumped from a core of gdb, from a core of the kernel, and by PID. The images are
# the same except for data that a core does not have.
. "${0%/*}/core.sh"

# joined: neighbours of anonymous memory as one.
joined()
{
	awk '{ split($2, at, "-"); rest = $3 $4 $5 }
	rest == "rw-0x0-" && before == rest && at[1] == end { end = at[2]; next }
	before == "rw-0x0-" { print "region " start "-" end " rw- 0x0 -" }
	{ start = at[1]; end = at[2]; before = rest }
	rest != "rw-0x0-" { print }
	END { if (before == "rw-0x0-") print "region " start "-" end " rw- 0x0 -" }'
}

# told FILE: prints the image of the dump without added regions and without facts that some
# sources lack:
#   kind of memory (noreserve, …), except of stacks; zero pages
#   guard regions, at which parts of anonymous memory meet
#   protection of unreadable memory, which gdb takes for readable
#   scheduling, pending signals
#   order of threads other than the first, and their names
told()
{
	"$UNEXEC_TOOL" info --text "$1" > text || exit 99
	sed -nE -e '/\[(trampoline|vdso-proxy|memfd|redirect)\]/d' \
		-e 's/^(region [^ ]*) ... (growsdown)? ?[^ ]* [^ ]* (\[.*)$/\1 \2 \3/p' \
		-e 's/^(region [^ ]*) (r--|---) [^ ]* 0x0 -$/\1 no writing/p' \
		-e 's/^(region [^ ]*) (...) [^ ]* (0x[^ ]* .*)$/\1 \2 \3/p' text | joined
	sed -n 's/^mm //p; s/^slot [^ ]* /slot /p' text
	sed -nE 's/^thread frame=[^ ]* (.* tid-address=[^ ]*) .*/\1/p' text | sort
	sed -nE '/^fixup .*kind=1 /{s/ which=.*//;p}; /^fixup .*kind=[2-9] /p' text | sort
}


cat > both <<'END'
"$1" > printed &
pid=$!
until [ -s printed ]
do
	sleep 0.02
done
kill -STOP $pid
gcore -o gdb $pid > gcore.said 2>&1
mv gdb.$pid gdb.core
"$2" dump --help > /dev/null 2>&1 && "$2" dump -q -o pid.dump $pid
kill -ABRT $pid
kill -CONT $pid
wait $pid
END
need gcore "$PYTHON3"
kernel_core sh both "$subject" "$UNEXEC_TOOL"
undumped
told dump > kernel.told
[ -s gdb.core ] || skip "gcore: $(tail -n 1 gcore.said)"
mv gdb.core core
undumped
told dump > gdb.told
diff -u kernel.told gdb.told || fail "the images of the kernel's core and of gdb's differ"
grep -q '^region .*\[heap\]' gdb.told && grep -q 'thread-pointer' gdb.told || exit 99
[ -e pid.dump ] || { echo "by pid: not here"; exit 0; }
told pid.dump > pid.told
diff -u pid.told gdb.told || fail "the images by pid and of a core differ"
# The process was stopped all the time between these two.
for file in dump pid.dump
do
	"$UNEXEC_TOOL" info --text $file > $file.text
done
"$PYTHON3" "$top_srcdir/tests/core/contents.py" pid.dump dump || fail "the contents differ"
