#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A disk that becomes full at any point of the writing leaves the old file as it was,
# nothing beside it, and a message that says so.
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

# A small disk of our own, where that is allowed.
isolated="unshare -m"
$isolated true 2> /dev/null || isolated="unshare -rm"
$isolated true 2> /dev/null || exit 0
cat > on-small-disk << 'EOF'
mkdir -p "$1/small" && mount -t tmpfs -o size="$2"k none "$1/small" || exit 88
echo 'old content' > "$1/small/dump"
"$3" "$1/small/dump" full 4
status=$?
[ "$(cat "$1/small/dump")" = 'old content' ] || exit 50
[ "$(ls -A "$1/small")" = dump ] || exit 51
exit $status
EOF
for limit in 8 64 1024 4000
do
	limited $isolated sh on-small-disk "$work" $limit "$subject" > said 2>&1
	status=$?
	cat said
	[ $status = 88 ] && exit 0
	[ $status = 1 ] || fail "status $status on a disk of $limit KB"
	says 'No space left on device'
done
