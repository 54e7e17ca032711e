#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump does not start with rights that its starter does not have (set-user-ID, set-group-ID,
# capabilities of the file), whatever the environment contains. A program with such rights
# ignores the environment when it dumps itself, and writes no file that has them.
self=$(cd "${0%/*}" && pwd)/${0##*/}
. "${0%/*}/../lib/functions.sh"

[ "$(id -u)" = 0 ] || skip "only root can make such files"
if [ -z "${INSIDE-}" ]
then
	need unshare setpriv
	unshare -m true 2> /dev/null || skip "no mount namespaces"
	# The second run mounts a tmpfs, which allows set-user-ID even if /tmp does not.
	cd / && rm -rf "$work"
	UNEXEC_TEST_CLEAN=1 INSIDE=1 exec unshare -m "$self"
fi
trap 'cd /; umount "$work"; rm -rf "$work"' EXIT
mount -t tmpfs -o mode=755 none "$work" 2> /dev/null || skip "no mounts"
cd "$work" || exit 99
mkdir -m 1777 open

limited "$subject" "$work/dump" || fail "no dump"
cp dump user && chmod 4755 user
cp dump group && chgrp 1 group && chmod 2755 group
cp dump capable
setcap cap_net_bind_service+ep capable 2> /dev/null || rm -f capable
for file in user group capable
do
	[ -e $file ] || continue
	UNEXEC_CPU=any limited as_nobody ./$file one two > said 2>&1
	same "status of $file" 125 $?
	same "lines of $file" 1 "$(wc -l < said)"
	grep -q '^unexec: .*: error: cannot start: it has more rights than its starter' said ||
		fail "$file: $(cat said)"
done
# A user who has the rights may start it.
runs ./user

cp "$top_builddir/tests/dumpfile/.libs/subject" program 2> /dev/null || cp "$subject" program
chmod 4755 program
as_nobody test -r "$UNEXEC_LIBRARY" || exit 0
cat > tool <<EOF
#!/bin/sh
echo "\$(id -u)" > $work/open/evil
EOF
chmod 755 tool
UNEXEC_TOOL=$work/tool limited as_nobody ./program "$work/open/mine" > said 2>&1
[ -e open/evil ] && fail "the tool that the environment names was run"
# The writer that is installed, if there is one.
grep -q UNEXEC_SYSTEM said || [ -e open/mine ] || fail "neither dump nor error: $(cat said)"
[ ! -e open/mine ] || same "mode" 755 "$(stat -c %a open/mine)"
UNEXEC_TOOL=$work/tool limited ./program "$work/open/mine" > said 2>&1
[ -e open/evil ] || fail "without rights, the environment does not count: $(cat said)"
