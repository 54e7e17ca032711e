# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the tests of programs that do not use libunexec: dumps them at their prompt, and
# uses them afterwards.
. "${0%/*}/../lib/functions.sh"

preload=$top_builddir/tests/lib/.libs/at_prompt.so
[ -e "$preload" ] || skip "no $preload"

# dump_at_prompt NAME COMMAND…: COMMAND reads the file "first" and waits for more, which never
# comes: then it is dumped. What it printed is in NAME.printed.
dump_at_prompt()
{
	name=$1
	shift
	mkfifo "$name.fifo"
	# For reading too, or this would wait for a reader.
	exec 9<> "$name.fifo"
	cat first >&9
	limited env UNEXEC_TEST_DUMP="$work/$name" LD_PRELOAD="$preload" "$@" \
		< "$name.fifo" > "$name.printed" 2> "$name.said" 9>&- ||
		fail "no dump of $*: $(cat "$name.said")"
	exec 9>&-
	[ -x "$name" ] || fail "$* ended by itself: $(cat "$name.said")"
}

# as_ever COMMAND…: what COMMAND prints when it reads the files "first" and "second" at a run is
# what it prints when it is dumped between them.
as_ever()
{
	cat first second | limited "$@" > ordinary 2> ordinary.said ||
		fail "$* itself: $(cat ordinary.said)"
	dump_at_prompt app "$@"
	for start in one two
	do
		cat app.printed > "$start"
		cat second | limited ./app >> "$start" 2> "$start.said" ||
			fail "start $start: status $?: $(cat "$start.said")"
		same "output of start $start" "$(tidy < ordinary)" "$(tidy < "$start")"
	done
	[ -s ordinary ] || fail "nothing to compare"
}

# tidy: takes away what is different at each run.
tidy()
{
	cat
}

# prints LINE: the ordinary run has such a line, so that it was no empty comparison.
prints()
{
	grep -qxF -e "$1" ordinary || fail "no line '$1' in: $(cat ordinary)"
}
