#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs a command in certain surroundings: in.sh NAME[=VALUE][+NAME…] COMMAND ARGUMENT…
# The first name is the outermost. The last may be one for which the command must be a dump, which
# is then copied. If the surroundings are unavailable, the command does not run. A command whose
# standard output is not its own writes to the file ANSWER.
: "${top_builddir:?}"

names=$1
shift
case $names in
*+*) set -- sh "$0" "${names#*+}" "$@" ;;
esac
name=${names%%+*}
value=${name#*=}

as_root()
{
	[ "$(id -u)" = 0 ] || echo --map-root-user
}

# mounted FLAG: a file system at "mounted", in a mount namespace of our own.
mounted()
{
	mkdir -p mounted && mount -t tmpfs none mounted || exit 99
	[ $# = 1 ] || cp "$2" mounted/dump || exit 99
	mount -o "remount,$1" none mounted || exit 99
}

# 30 strings of 100 KB each. The kernel allows a quarter of the stack's limit.
long()
{
	head -c 100000 /dev/zero | tr '\0' x
}

# shellcheck disable=SC2046 # as_root is a word or none
case $name in
here)
	exec "$@" ;;

# ---- Limits ----
stack=* | as=* | data=* | nofile=* | nproc=* | fsize=*)
	exec prlimit "--${name%%=*}=$value:$value" "$@" ;;
one-cpu)
	exec taskset -c "$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')" "$@" ;;
memory=*)
	group=/sys/fs/cgroup/memory/unexec-test-$$ limit=memory.limit_in_bytes
	[ -d /sys/fs/cgroup/memory ] ||
		{ group=/sys/fs/cgroup/unexec-test-$$ limit=memory.max; }
	mkdir "$group" || exit 99
	trap 'rmdir "$group"' EXIT
	echo "$value" > "$group/$limit" || exit 99
	(echo 0 > "$group/cgroup.procs" && exec "$@") ;;
no-huge-pages)
	exec "${PYTHON3:-python3}" -c 'import ctypes, os, signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
if ctypes.CDLL(None).prctl(41, 1, 0, 0, 0): sys.exit(99) # PR_SET_THP_DISABLE
os.execvp(sys.argv[1], sys.argv[1:])' "$@" ;;

# ---- Rights ----
nobody)
	exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@" ;;
no-new-privs)
	exec setpriv --no-new-privs "$@" ;;
sudo)
	exec sudo -n -E -u nobody -- "$@" ;;
no-checkpoint-restore)
	exec "$top_builddir/tests/lib/seccomp_exec" set_mm "$@" ;;
container | docker)
	exec "$top_builddir/tests/lib/seccomp_exec" "$name" "$@" ;;
set-id) # a dump
	copy=$1.set-id
	cp "$1" "$copy" && chmod 4755 "$copy" || exit 99
	shift
	exec setpriv --reuid=65534 --regid=65534 --clear-groups "$copy" "$@" ;;

# ---- The file system ----
no-proc)
	exec unshare $(as_root) --mount sh "$0" hide-proc "$@" ;;
hide-proc)
	mount -t tmpfs none /proc || exit 99
	exec "$@" ;;
on=* | to=*) # a mount option. on: a dump is started there; to: files are written there
	exec unshare $(as_root) --mount sh "$0" "mounted-$name" "$@" ;;
mounted-on=*)
	mounted "$value" "$1"
	shift
	cd mounted || exit 99
	exec ./dump "$@" ;;
mounted-to=*)
	mounted "$value"
	exec "$@" ;;
chroot) # a dump; there is nothing else
	rm -rf empty
	mkdir empty && cp "$1" empty/dump || exit 99
	shift
	[ "$(id -u)" = 0 ] || exec unshare --map-root-user chroot empty /dump "$@"
	exec chroot empty /dump "$@" ;;
pid1)
	exec unshare --user --map-root-user --mount --pid --fork --mount-proc "$@" ;;

outer-proc) # of the namespace that we come from
	exec unshare --user --map-root-user --pid --fork "$@" ;;

# ---- Inherited by a process ----
no-aslr)
	exec setarch -R "$@" ;;
many-arguments)
	prlimit --pid $$ --stack=67108864: || exit 99
	long=$(long)
	for i in 1 2 3 4 5 6 7 8 9 10
	do
		set -- "$@" "$long" "$long" "$long"
	done
	exec "$@" ;;
much-environment)
	prlimit --pid $$ --stack=67108864: || exit 99
	long=$(long)
	for i in 1 2 3 4 5 6 7 8 9 10
	do
		export "a$i=$long" "b$i=$long" "c$i=$long"
	done
	exec "$@" ;;
no-environment)
	exec env -i UNEXEC_TOOL="$UNEXEC_TOOL" "$@" ;;
preload)
	exec env LD_PRELOAD="$UNEXEC_LIBRARY" LD_BIND_NOW=1 LD_LIBRARY_PATH=/nowhere "$@" ;;
closed)
	ANSWER=$PWD/answer
	export ANSWER
	exec "$@" <&- >&- 2>&- ;;
no-stderr)
	exec "$@" 2>&- ;;
nohup)
	exec nohup "$@" ;;
ignored)
	exec env --ignore-signal=PIPE,INT,CHLD,USR1,TERM IGNORED=yes "$@" ;;
blocked)
	exec env --block-signal=PIPE,INT,CHLD,USR1,TERM "$@" ;;
nice)
	exec nice -n 5 "$@" ;;
timeout)
	exec timeout 60 "$@" ;;

# ---- Tracers ----
strace)
	exec strace -f -qq -o /dev/null "$@" ;;
gdb)
	ANSWER=$PWD/answer
	export ANSWER
	# shellcheck disable=SC2016 # gdb's
	exec gdb -nx -q -batch -ex run -ex 'quit $_exitcode' --args "$@" ;;
*)
	echo "in.sh: no surroundings $name" >&2
	exit 99 ;;
esac
