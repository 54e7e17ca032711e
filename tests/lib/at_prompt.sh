# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of programs that do not use libunexec source this file to dump them at their prompt and
# to use the dumps.
. "${0%/*}/../lib/functions.sh"

preload=$top_builddir/tests/lib/.libs/at_prompt.so
[ -e "$preload" ] || skip "no $preload"

# dump_at_prompt NAME COMMAND…: COMMAND reads the file "first" and is dumped when it waits for
# more input, which never comes. Its output is in NAME.printed.
dump_at_prompt()
{
	name=$1
	shift
	mkfifo "$name.fifo"
	# The FIFO is opened for reading too: opening it for writing alone waits for a reader.
	exec 9<> "$name.fifo"
	cat first >&9
	limited env UNEXEC_TEST_DUMP="$work/$name" LD_PRELOAD="$preload" "$@" \
		< "$name.fifo" > "$name.printed" 2> "$name.said" 9>&- ||
		fail "no dump of $*: $(cat "$name.said")"
	exec 9>&-
	[ -x "$name" ] || fail "$* ended by itself: $(cat "$name.said")"
}

# as_ever COMMAND…: COMMAND prints the same if it reads the files "first" and "second" in one
# run as if it is dumped between them.
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

# tidy: removes text that differs between runs.
tidy()
{
	cat
}

# prints LINE: the ordinary run has such a line, so that the comparison is not empty.
prints()
{
	grep -qxF -e "$1" ordinary || fail "no line '$1' in: $(cat ordinary)"
}
