#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A path of a dump is resolved in the process that names it, and no existing file is replaced by
# surprise: not through /proc to an open file or a program, not through an endless chain of
# links. Links to a name are followed, even if the file does not exist yet.
. "${0%/*}/../lib/functions.sh"

# Both tools and the program are copies: if this test fails, they may be replaced.
cp "$UNEXEC_TOOL" tool && cp "$subject" program || exit 99
UNEXEC_TOOL=$work/tool
mkdir dir empty && dir=$work/dir
sleep 1000 & sleeper=$!
trap 'kill $sleeper; cd /; rm -rf "$work"' EXIT
until [ "$(cat /proc/$sleeper/comm)" = sleep ] && grep -q '^State:.S' /proc/$sleeper/status
do
	sleep 0.1
done
inodes()
{
	stat -c '%n %i %s' "$work/tool" "$work/program"
}
before=$(inodes)

# kept COMMAND…: refused; the log and the programs are as they were.
kept()
{
	log=$(stat -c %i "$dir/log")
	refused "$@"
	same "the log of $*" "$log a log" "$(stat -c %i "$dir/log") $(cat "$dir/log")"
	same "programs after $*" "$before" "$(inodes)"
}

by_library()
{
	"$work/program" "$1"
}
limited()
{
	"$@"
}
# The program that is dumped changes its directory.
by_run()
{
	"$work/tool" run -q -o "$1" -- sh -c 'cd "$0" && read word; echo "alive: one two"' \
		"$work/empty" < /dev/null
}
by_pid()
{
	"$work/tool" dump -q -o "$1" $sleeper
}

for how in by_library by_run by_pid
do
	echo 'a log' > dir/log
	for path in /proc/self/exe /proc/thread-self/exe /proc/self/fd/7 /proc/thread-self/fd/7 \
		/dev/fd/7 /dev/stdout
	do
		if [ $path = /dev/stdout ]
		then
			$how $path >> dir/log 2> said && fail "$how: $path"
		else
			$how $path > said 2>&1 7>> dir/log && fail "$how: $path"
		fi
		cat said
		says "$path is a link in /proc"
		same "the log after $how $path" "a log" "$(head -n 1 dir/log)"
		same "programs after $how $path" "$before" "$(inodes)"
	done
	echo 'a log' > dir/log # the case of /dev/stdout has written to it
	ln -s /proc/self/exe dir/link
	kept $how dir/link
	says 'dir/link is a link in /proc'
	rm dir/link

	# Endless links, a link to a directory, a link into a missing directory.
	ln -s link dir/link
	kept $how dir/link
	says 'Too many'
	same "the link" link "$(readlink dir/link)"
	ln -sfn ../empty dir/link
	kept $how dir/link
	says 'Is a directory'
	ln -sfn none/dump dir/link
	kept $how dir/link
	says 'No such file'
	rm dir/link
	for path in '' . .. / dir/ dir/new/ dir/log/
	do
		kept $how "$path"
	done
	only log

	# Links to a name are followed, and the intended names are written.
	ln -s ../dir/dump dir/link
	ln -s link dir/link2
	$how dir/link2 || fail "$how: link to nothing"
	same "the link" ../dir/dump "$(readlink dir/link)"
	[ -x dir/dump ] && [ ! -L dir/dump ] || fail "$how: not written where the link leads"
	inode=$(stat -c %i dir/dump)
	$how dir/link2 || fail "$how: link to a file"
	[ "$(stat -c %i dir/dump)" != "$inode" ] || fail "$how: written in place"
	rm dir/dump dir/link dir/link2
	for path in /proc/self/cwd/dump /proc/thread-self/cwd/dump /proc/self/fd/8/dump \
		"/proc/self/root$dir/dump" dump ../dir/dump
	do
		(cd dir && exec 8< . && $how "$path") || fail "$how: $path"
		only dump log
		rm dir/dump
	done
done
[ -z "$(ls empty)" ] || fail "written into the program's directory"

# In a directory like /tmp, the kernel follows no links of other users.
[ "$(id -u)" = 0 ] && [ "$(cat /proc/sys/fs/protected_symlinks 2> /dev/null)" = 1 ] || exit 0
mkdir -m 1777 dir/public
chmod 755 "$work"
as_nobody ln -s "$dir/log" dir/public/link || exit 0
kept by_library dir/public/link
says 'Permission denied'
exit 0
