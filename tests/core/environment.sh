#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump of a core has the new environment, with the changes that the program had made.
. "${0%/*}/core.sh"

program=$top_builddir/tests/outside/environment

# starts NAME EXPECTED: starts it with A=1 and NEW=2.
starts()
{
	same "$1" "$2 LATER=1" "$(env -i PATH="$PATH" A=1 NEW=2 ./dump < /dev/null 2>&1)"
}

kernel_core env A=a B=b "$program" one two core
undumped -v
starts unchanged 'A=1 B= NEW=2 SET='
grep -q 'the program has set' said && fail "$(cat said)"

kernel_core env A=a B=b "$program" one two set SET=x unset A set B=x core
undumped -v
starts changed 'A= B=x NEW=2 SET=x'
grep -q 'note: the program has set B, SET,' said || fail "$(cat said)"
grep -q 'note: the program has removed A,' said || fail "$(cat said)"
undumped --env=new
starts new 'A=1 B= NEW=2 SET='
undumped --env=keep
starts keep 'A= B=x NEW= SET=x'

# Its name.
kernel_core "$program" name core
undumped
same "a new name" './dump dump dump' "$(limited ./dump < /dev/null)"
undumped --argv0=keep
same "its own name" "$program environment environment" "$(limited ./dump < /dev/null)"
