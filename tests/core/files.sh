#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The files that a core needs may be moved. A missing file or another one in its place is refused
# or reported, also if the core has less of the files than usual.
. "${0%/*}/core.sh"

cp "$subject" program
started env WHEN=before ./program
gdb_core
ended
cp program other
printf x >> other
undumped -e program
goes_on

mv program moved
refused "$UNEXEC_TOOL" undump -o none core
says "$work/program.*is gone"
undumped -e moved
goes_on

# Another program is refused, even if all other files are right.
cp "$(command -v cat)" program
refused "$UNEXEC_TOOL" undump -o none core
says "$work/program is not the file.*expected build-id [0-9a-f]*, found [0-9a-f]*"
refused "$UNEXEC_TOOL" undump -e "$(command -v cat)" -o none core
says "core is not of the program.*expected build-id [0-9a-f]*, found [0-9a-f]*"
refused "$UNEXEC_TOOL" undump -e /nowhere -o none core
says '/nowhere'
[ ! -e none ] || fail "a dump was made all the same"

# Only length and time identify a data file, which has no build ID. (gdb leaves unwritten pages
# of files out of a core.)
ordinary='after: now, ./dump'
for part in one two
do
	printf '%s' $part
	head -c $((4096 - 3)) /dev/zero
done > data
printf 'here' > base
truncate -s 8192 base
started "$subject"
gdb_core
ended
: > go
undumped -v
grep -q "^unexec: .*: note: used with their present content.*$work/data" said || fail "$(cat said)"
same "output of the dump" "data: one two
base: here
$ordinary" "$(WHEN=now limited ./dump)"

touch -d '1 hour' data
undumped
said_once "warning: $work/data, .* has changed since"
truncate -s 4096 data
undumped
said_once "warning: $work/data is shorter"
same "output of the dump" "data: one 
base: here
$ordinary" "$(WHEN=now limited ./dump)"
rm data
refused "$UNEXEC_TOOL" undump -o none core
says "$work/data at 0x[0-9a-f]* is not in the core, and the file is gone"

# The kernel leaves shared file mappings out of a core; later writes by others are not seen.
rm -f go
aborted_core "$subject"
undumped
said_once "$work/base at .* has the file's present content"
: > go
same "output of the dump" "base: here
$ordinary" "$(WHEN=now limited ./dump)"
printf 'gone' | dd of=base conv=notrunc 2> /dev/null
same "output of the dump later" "base: here
$ordinary" "$(WHEN=now limited ./dump)"
