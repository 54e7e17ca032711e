#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each start has its own environment, with what the program had set, changed or removed laid on
# top; --env chooses between the two, for `unexec run`, `dump` and `undump`.
. "${0%/*}/../core/core.sh"

program=$top_builddir/tests/outside/environment

# dump OPTION… -- CHANGE…: dumps the program, with its changes, to app.
dump()
{
	A=a B=b limited "$UNEXEC_TOOL" run -v -o app "$@" < /dev/null 2> said ||
		fail "$*: status $?: $(cat said)"
}

# starts NAME EXPECTED FILE: starts it with A=1 and NEW=2.
starts()
{
	same "$1" "$2 LATER=1" "$(env -i PATH="$PATH" A=1 NEW=2 "${3-./app}" < /dev/null 2>&1)"
}

dump -- "$program"
starts unchanged 'A=1 B= NEW=2 SET='
dump -- "$program" set SET=x
starts 'a variable that it had added' 'A=1 B= NEW=2 SET=x'
grep -q "note: the program has set SET" said || fail "no note: $(cat said)"
dump -- "$program" set A=x
starts 'one that it had changed' 'A=x B= NEW=2 SET='
dump -- "$program" put NEW=x set SET=x
starts 'one that only the start has' 'A=1 B= NEW=x SET=x'
dump -- "$program" unset A unset B
starts 'two that it had removed' 'A= B= NEW=2 SET='
grep -q "note: the program has removed A, B" said || fail "no note: $(cat said)"
dump -- "$program" clear
starts 'all removed' 'A= B= NEW=2 SET='
dump -- "$program" set SET=x unset SET
starts 'set and removed' 'A=1 B= NEW=2 SET='
dump -- "$program" set SET=x set A=x set A=a
starts 'changed back' 'A=1 B= NEW=2 SET=x'

# Strings that it has overwritten cannot be compared.
dump -- "$program" overwrite
starts 'overwritten' 'A=a B=b NEW=2 SET='
grep -q "warning: the program has overwritten" said || fail "no warning: $(cat said)"

# An array of its own cannot be replaced: the program may free it.
dump -- "$program" set SET=x own
starts 'its own' 'A=a B=b NEW= SET=x'
grep -q "warning: the program has made its own array" said || fail "no warning: $(cat said)"

dump --env=new -- "$program" set SET=x unset A
starts '--env=new' 'A=1 B= NEW=2 SET='
dump --env=keep -- "$program" set SET=x unset A
starts '--env=keep' 'A= B=b NEW= SET=x'
dump --env=merge -- "$program" set SET=x unset A
starts '--env=merge' 'A= B= NEW=2 SET=x'

# A dump of a dump, in which it changes nothing more.
A=3 NEW=4 limited "$UNEXEC_TOOL" run -q -o second -- ./app < /dev/null || fail "second: status $?"
starts 'a second dump' 'A= B= NEW=2 SET=x' ./second
A=5 limited "$UNEXEC_TOOL" run -q -o third -- ./second < /dev/null || fail "third: status $?"
starts 'a third dump' 'A= B= NEW=2 SET=x' ./third

# By pid.
mkfifo input
A=a B=b "$program" set SET=x unset A ready < input > printed &
pid=$!
exec 9> input
until [ -s printed ]
do
	sleep 0.02
done
for policy in merge new keep
do
	limited "$UNEXEC_TOOL" dump -q --env=$policy -o by_$policy $pid || fail "$policy by pid: $?"
done
exec 9>&-
wait $pid
starts 'by pid' 'A= B= NEW=2 SET=x' ./by_merge
starts '--env=new by pid' 'A=1 B= NEW=2 SET=' ./by_new
starts '--env=keep by pid' 'A= B=b NEW= SET=x' ./by_keep

same "a wrong policy" 2 "$("$UNEXEC_TOOL" run --env=all true 2> said; echo $?)"
