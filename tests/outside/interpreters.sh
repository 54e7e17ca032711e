#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installed interpreters: `unexec run` dumps them at their first wait for input, and the dump is
# asked for 6 * 7, twice.
. "${0%/*}/../lib/functions.sh"

# asked QUESTION COMMAND…: the output of the command's dump ends with 42.
asked()
{
	question=$1
	shift
	if ! command -v "$1" > /dev/null
	then
		echo "no $1"
		return
	fi
	rm -f app fifo
	mkfifo fifo
	exec 9<> fifo
	limited "$UNEXEC_TOOL" run -o app -- "$@" < fifo > printed 2> said 9>&- ||
		fail "$*: status $?: $(cat said)"
	exec 9>&-
	for start in one two
	do
		printf '%s\n' "$question" | limited ./app > printed 2> said ||
			fail "start $start of $*: status $?: $(cat said)"
		case $(tr -dc '0-9\n' < printed | tail -n 1) in
		*42) ;;
		*) fail "start $start of $*: $(cat printed said)" ;;
		esac
	done
	done="${done-} $1"
}

asked 'echo $((6 * 7))' bash --norc
asked '6 7' gawk '{ print $1 * $2 }'
asked '6 * 7' perl -ne 'print eval($_), "\n"'
asked '6 * 7' ruby -e 'while line = gets; puts eval(line); end'
asked 'select 6 * 7;' sqlite3
asked '6 * 7' bc -q
asked 'print(6 * 7)' "$PYTHON3" -i -q
asked 'print(6 * 7)' lua5.4 -
asked 'puts [expr 6 * 7]' tclsh
asked '(begin (display (* 6 7)) (newline) (exit 0))' guile -q --no-auto-compile
[ -n "${done-}" ] || skip "no interpreter is installed"
