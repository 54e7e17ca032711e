#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec diff names what differs between two dumps, by variable and by state, and nothing else. It
# reads stripped dumps, and names the defect of other files.
. "${0%/*}/../lib/functions.sh"

limited "$top_builddir/tests/dumpfile/differ" || fail "no dumps"
limited "$UNEXEC_TOOL" diff first first > same || fail "status $? for one dump twice: $(cat same)"
grep -q "^memory: 0 pages differ, [1-9][0-9]* are the same$" same || fail "$(cat same)"
grep '^[-+~] [0-9a-z]' same | grep -v ' first$' && fail "a dump differs from itself"

limited "$UNEXEC_TOOL" diff first second > text
same "status for two dumps" 1 $?
cat text
grep -q ' 1 bytes of changed_counter$' text || fail "the counter is not named"
grep -q ' [45] bytes of changed_table$' text || fail "the table is not named"
grep -q 'unchanged' text && fail "a variable that is the same is named"
grep -q '^+ [0-9a-f]*-[0-9a-f]* rw-  *1  *4096  anonymous$' text || fail "the new memory"
grep -q "^+ signal number=[0-9]* handler=0x1 " text || fail "the new signal disposition"
limited "$UNEXEC_TOOL" diff second first > back
grep -q '^- [0-9a-f]*-[0-9a-f]* rw-  *1  *4096  anonymous$' back || fail "back: $(cat back)"

limited "$UNEXEC_TOOL" diff --json first second > json
same "status of --json" 1 $?
"$PYTHON3" - << 'END' || fail "$(cat json)"
import json
diff = json.load(open("json"))
symbols = {}
for symbol in (s for r in diff["regions"] for s in r["symbols"]):
    symbols[symbol["name"]] = symbols.get(symbol["name"], 0) + symbol["bytes"]
assert symbols["changed_counter"] == 1 and symbols["changed_table"] == 5, symbols
assert sum(r["pages"] for r in diff["regions"]) == diff["pages"]["different"] > 2
new = [r for r in diff["regions"] if "first" not in r]
assert [r["bytes"] for r in new if r["second"]["protection"] == "rw-"] == [4096], new
assert any(line.startswith("signal ") for line in diff["other_state"]["second"])
END

# Without section symbols, the bytes are found all the same.
cp second stripped
strip -g stripped
limited "$UNEXEC_TOOL" diff second stripped > out || fail "stripped: $(cat out)"

# Two processes: pointers differ; regions are paired by what they come from.
mkdir other
(cd other && limited "$top_builddir/tests/dumpfile/differ") || fail "no other dumps"
limited "$UNEXEC_TOOL" diff first other/first > out
[ $? -le 1 ] || fail "two processes: $(cat out)"
grep '^[-+] [0-9a-f]*-[0-9a-f]* .*/libc\.so' out && fail "regions of libc are not paired"

# wrong FILE: one line on standard error, status 2.
wrong()
{
	limited "$UNEXEC_TOOL" diff first "$1" > out 2> said
	same "status for $1" 2 $?
	same "lines for $1" 1 "$(wc -l < said)"
	[ -s out ] && fail "output for $1"
	grep -q "^unexec: $1: error: " said || fail "$1: $(cat said)"
}

if [ -w /dev/full ]
then
	limited "$UNEXEC_TOOL" diff first second > /dev/full 2> said
	same "status without room for the output" 2 $?
	grep -q '^unexec: error: standard output: ' said || fail "$(cat said)"
fi

echo words > words
head -c 200000 second > short
wrong words
wrong short
wrong missing
wrong .
wrong "$UNEXEC_TOOL"
exit 0
