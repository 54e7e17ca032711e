#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A start has the working directory and the umask of its starter, or the program's if it has changed
# them itself; --cwd chooses the directory, for `unexec run` and `unexec dump`.
. "${0%/*}/../lib/functions.sh"

mkdir own other
umask 022
cat > script <<'END'
eval "$1"
echo waits
read line
umask
pwd -P
echo > made
END

# starts NAME UMASK DIRECTORY [MESSAGE]: starts ./app in the directory "other".
starts()
{
	rm -f made own/made other/made
	same "$1: output" "$2 $3" "$(cd other && echo | limited ../app 2> ../said | xargs)"
	[ -e "$3/made" ] || fail "$1: its file is not in $3"
	case ${4-} in
	'') same "$1: stderr" '' "$(cat said)" ;;
	*) grep -q "^unexec: .*/app: $4" said || fail "$1: stderr: $(cat said)" ;;
	esac
}

# dump OPTION… CHANGE: the script after the change. By pid if $by_pid is not empty.
by_pid=
dump()
{
	rm -f app printed
	option=
	[ $# = 1 ] || { option=$1; shift; }
	if [ -z "$by_pid" ]
	then
		limited "$UNEXEC_TOOL" run -v $option -o app -- sh script "$1" < /dev/null \
			> printed 2> said || fail "run $option: status $?: $(cat said)"
		return
	fi
	rm -f input
	mkfifo input
	sh script "$1" < input > printed &
	pid=$!
	exec 8> input
	until [ -s printed ]
	do
		sleep 0.02
	done
	limited "$UNEXEC_TOOL" dump -v $option -o app $pid 2> said || fail "dump $option: $(cat said)"
	kill $pid
	wait $pid 2> /dev/null
	exec 8>&-
}

for by_pid in '' by_pid
do
	dump :
	starts "$by_pid unchanged" 0022 "$work/other"
	dump 'cd own'
	grep -q "note: starts change to the working directory $work/own" said || fail "$(cat said)"
	starts "$by_pid changed" 0022 "$work/own"
	dump 'umask 077'
	starts "$by_pid umask" 0077 "$work/other"
	dump --cwd=inherit 'cd own; umask 002'
	starts "$by_pid inherit" 0002 "$work/other"
	dump --cwd=keep :
	starts "$by_pid keep" 0022 "$work"
done

# A missing directory is named.
by_pid=
dump 'cd own'
mv own gone
starts missing 0022 "$work/other" \
	"warning: cannot change to the working directory, so that the starter's remains: $work/own"
mv gone own
dump --cwd=keep 'cd own'
limited "$UNEXEC_TOOL" verify -q app || fail "verify: status $?"
mv own gone
limited "$UNEXEC_TOOL" verify app 2> said && fail "verify passes"
grep -q "$work/own" said || fail "verify: $(cat said)"
limited ./app < /dev/null 2> said
same "status without the directory" 125 $?
grep -q "error: cannot change to the working directory $work/own: No such file" said ||
	fail "$(cat said)"
mv gone own

# It was deleted.
dump 'mkdir new; cd new; rmdir ../new'
grep -q "warning: its working directory was deleted or moved: starts have" said || fail "$(cat said)"
starts deleted 0022 "$work/other"
limited "$UNEXEC_TOOL" run --cwd=keep -o no -- sh script 'mkdir new; cd new; rmdir ../new' \
	< /dev/null > printed 2> said && fail "a dump without the directory"
grep -q "error: its working directory was deleted or moved" said || fail "$(cat said)"

# A dump of a dump that is in its own directory.
dump 'cd own; umask 027'
(cd other && limited "$UNEXEC_TOOL" run -q -o ../again -- ../app < /dev/null > ../printed) ||
	fail "again: status $?"
mv again app
starts again 0027 "$work/own"
