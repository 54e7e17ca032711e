#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sanitizers detect the same mistakes after the start of a dump as without it: their shadow
# memory is in the dump although they mark it MADV_DONTDUMP. By `unexec run`, and in the second
# generation.
. "${0%/*}/../lib/functions.sh"

# The search for leaks at the end uses ptrace.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
tried=''

# detected PROGRAM LETTER: prints its report without addresses.
detected()
{
	echo "$2" | limited "./$1" 2>&1 |
		grep -oE '(ERROR|WARNING): [A-Za-z]+Sanitizer: [a-z -]+[a-z]|^the end' | head -1
}

# finds COMPILER SANITIZER LETTER…
finds()
{
	compiler=$1 sanitizer=$2
	shift 2
	program=$(basename "$compiler")-$sanitizer
	command -v "$compiler" > cc.said &&
		$compiler -g -O0 -fsanitize="$sanitizer" -pthread -o "$program" \
			"$top_srcdir/tests/outside/sanitized.c" 2> cc.said || return
	# Sanitizers some years old do not start on kernels with more random address bits.
	[ "$(detected "$program" n)" = 'the end' ] || return
	limited "$UNEXEC_TOOL" run -v -o one -- "./$program" < /dev/null 2> said ||
		fail "$program: $(cat said)"
	cat said
	grep -q 'warning: zero in the dump' said && fail "$program: memory is lost"
	grep -q 'note: .*sanitizer' said || fail "$program: not a word of the sanitizer"
	limited "$UNEXEC_TOOL" run -q -o two -- ./one < /dev/null || fail "$program: again"
	for letter in n "$@"
	do
		expected=$(detected "$program" $letter)
		[ $letter = n ] || [ "$expected" != 'the end' ] || fail "$program: no mistake"
		for dump in one two
		do
			same "output of $dump of $program after $letter" "$expected" \
				"$(detected $dump $letter)"
		done
		echo "$program: $letter: $expected"
	done
	tried="$tried $program"
}

finds "${CC##* }" address h f g
finds "${CC##* }" thread r
finds clang address h f
finds clang memory u
finds clang thread r
[ -n "$tried" ] || skip "no compiler with sanitizers"
