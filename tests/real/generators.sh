#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random generators of languages, which libunexec does not seed: a dump from outside names each, and
# two starts have the same numbers. In Node, those that the warning excepts differ.
. "${0%/*}/../lib/functions.sh"

# dump OPTION COMMAND…: dumps it when it waits for input that never ends; what is said is in "said".
dump()
{
	option=$1
	shift
	rm -f dump fifo
	mkfifo fifo
	# Node never reads the end of a file.
	exec 9<> fifo
	limited "$UNEXEC_TOOL" run "$option" -o dump -- "$@" < fifo > printed 2> said 9>&- ||
		fail "no dump of $1: $(cat said)"
	exec 9>&-
	tried="$tried $1"
}

# names SEVERITY TEXT
names()
{
	grep -q "$1: all starts repeat the random numbers of $2" said || fail "said: $(cat said)"
}

# repeats: two starts print the same.
repeats()
{
	echo go | limited ./dump > one || fail "start: status $?"
	echo go | limited ./dump > two || fail "start: status $?"
	[ -s one ] || fail "nothing to compare"
	same "numbers of the second start" "$(cat one)" "$(cat two)"
}

tried=
dump --verbose "$PYTHON3" -c 'import random; input(); print(random.random())'
names note 'random of Python'
repeats
if command -v ruby > seen
then
	dump --verbose ruby -e 'rand; gets; puts rand'
	names note 'rand() of Ruby'
	repeats
fi
if command -v perl > seen
then
	dump --verbose perl -e 'rand; <STDIN>; print rand'
	names note 'rand() of Perl'
	repeats
fi
if command -v node > seen
then
	cat > node.js <<'END'
const c = require('crypto')
c.randomUUID(); c.randomInt(1e9); Math.random()
process.stdin.on('data', () => {
	console.log(c.randomUUID(), c.randomInt(1e9), Math.random())
	console.error(c.randomUUID({ disableEntropyCache: true }), c.randomBytes(8).toString('hex'))
	process.exit(0)
})
END
	dump --verbose node node.js
	names warning 'crypto.randomUUID()'
	repeats 2> fresh
	same "lines of what is new" 2 "$(sort -u fresh | wc -l)"
fi
echo "tried:$tried"
