#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# If the disk becomes full at any point of the writing, the old file is unchanged, no other file
# is left, and a message names the reason.
. "${0%/*}/../lib/functions.sh"

mkdir dir && dir=$work/dir
limited "$subject" dir/dump full 4 || fail "no dump"
cp dir/dump old
# In KB.
size=$(($(stat -c %s old) / 1024))

for limit in 1 4 16 64 256 1024 2000 4096 $((size - 400))
do
	# In bash ulimit -f counts 1024 bytes, in dash 512.
	refused bash -c "ulimit -f $limit; exec $subject dir/dump full 4"
	says UNEXEC_SYSTEM
	says 'File too large'
	cmp old dir/dump || fail "the old file is damaged at $limit KB"
	only dump
done
runs dir/dump

# The same for the copy of a deleted file, which is made first.
cat > holder.py << 'EOF'
import resource, sys, tempfile
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
file = tempfile.TemporaryFile()
file.write(b"x" * (8 << 20))
file.flush()
sys.stdin.read()
EOF
refused bash -c "ulimit -S -f 1024; exec $UNEXEC_TOOL run -o dir/dump -- $PYTHON3 holder.py" < /dev/null
says 'cannot copy the content of descriptor 3: File too large'
cmp old dir/dump || fail "the old file is damaged"
only dump

# If mounting is allowed, a small disk of our own is full at each megabyte.
isolated="unshare -m"
$isolated true 2> /dev/null || isolated="unshare -rm"
$isolated true 2> /dev/null || exit 0
cat > on-small-disk << 'EOF'
mkdir -p "$1/small" && mount -t tmpfs -o size="$2"k none "$1/small" || exit 88
small=$1/small
shift 2
echo 'old content' > "$small/dump"
"$@"
status=$?
[ "$(cat "$small/dump")" = 'old content' ] || exit 50
[ "$(ls -A "$small")" = dump ] || exit 51
exit $status
EOF

# too_small KB COMMAND…
too_small()
{
	limited $isolated sh on-small-disk "$work" "$@" > said 2>&1
	status=$?
	cat said
	[ $status = 88 ] && exit 0
	[ $status = 1 ] || fail "status $status of $2 on a disk of $1 KB"
	says 'No space left on device'
}

megabytes=6
[ -z "${UNEXEC_TEST_LONG-}" ] || megabytes=40
limited "$subject" dir/dump full $megabytes || fail "no dump"
"$top_builddir/tests/lib/clean_exec" dir/dump sleep > sleeping &
sleeper=$!
trap 'kill $sleeper; cd /; rm -rf "$work"' EXIT
until grep -q alive sleeping
do
	kill -0 $sleeper || fail "it does not sleep"
	sleep 0.02
done
for limit in 8 64 $(seq 1024 1024 $((megabytes * 1024)))
do
	too_small $limit "$subject" "$work/small/dump" full $megabytes
	too_small $limit "$UNEXEC_TOOL" dump -o "$work/small/dump" $sleeper
	kill -0 $sleeper || fail "the process is gone"
done
