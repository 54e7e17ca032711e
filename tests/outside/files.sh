#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A file that is being written and has changed since the dump is named at the start, and --files
# chooses what the start does: for `unexec run` and `unexec dump`, and in a dump of a dump.
. "${0%/*}/../lib/functions.sh"

# A shell that writes a line, waits for input, and writes another. Descriptor 9 stays open.
cat > script <<'END'
exec 9>log
echo first >&9
echo waits
read line
echo second >&9
END
sed 's/9>log/9>>log/' script > appends

# starts NAME STATUS MESSAGE LOG: starts ./app.
starts()
{
	echo | limited ./app > /dev/null 2> said
	same "$1: status" "$2" $?
	case $3 in
	'') same "$1: stderr" '' "$(cat said)" ;;
	*) grep -q "^unexec: .*/app: $3: $work/log" said || fail "$1: stderr: $(cat said)" ;;
	esac
	same "$1: log" "$4" "$(echo $(tr '\0' '0' < log))"
}

changed='warning: a file has changed since the dump'
hole='warning: a file is shorter than at the dump, and will have a hole'
shorter='error: cannot continue with a file that is shorter than at the dump'
stop='error: cannot continue with a file that has changed since the dump'

# policy NAME: dumps it with --files=NAME and restores the log as it was then.
policy()
{
	rm -f log app
	limited "$UNEXEC_TOOL" run -q ${1:+--files=$1} -o app -- sh script < /dev/null > /dev/null ||
		fail "run --files=$1: status $?"
	cp -p log kept
}

# after NAME COMMAND STATUS MESSAGE LOG: starts it when the command has changed the log.
after()
{
	cp -p kept log
	eval "$2"
	starts "$1 after $2" "$3" "$4" "$5"
}

for name in '' name
do
	policy $name
	after "'$name'" : 0 '' 'first second'
	after "'$name'" 'echo 123456789 >> log' 0 "$changed" 'first second 89'
	after "'$name'" ': > log' 0 "$hole" '000000second'
done
policy same
after same : 0 '' 'first second'
after same 'echo more >> log' 125 "$stop" 'first more'
policy any
after any 'echo more >> log' 0 '' 'first second'
after any ': > log' 0 '' '000000second'
policy truncate
after truncate : 0 '' 'first second'
after truncate 'echo 123456789 >> log' 0 '' 'first second'
after truncate ': > log' 125 "$shorter" ''

# Others may write to a file that it appends to.
rm -f log app
limited "$UNEXEC_TOOL" run -q -o app -- sh appends < /dev/null > /dev/null || fail "status $?"
cp -p log kept
after append 'echo more >> log' 0 '' 'first more second'
after append ': > log' 0 '' 'second'

# By pid, and a dump of that dump.
rm -f log app
mkfifo input
sh script < input > printed &
pid=$!
exec 8> input
until [ -s printed ]
do
	sleep 0.02
done
limited "$UNEXEC_TOOL" dump -q --files=truncate -o app $pid || fail "dump: status $?"
cp -p log kept
echo >&8
exec 8>&-
wait $pid
same "the process's own" 'first second' "$(echo $(cat log))"
starts 'after the process' 0 '' 'first second'
cp -p kept log
limited "$UNEXEC_TOOL" run -q --files=truncate -o again -- ./app < /dev/null || fail "again: $?"
mv again app
echo more >> log
starts 'a second dump' 0 '' 'first second'
