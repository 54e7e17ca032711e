#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump has no secrets that a program keeps out of it: excluded memory, memory with
# MADV_DONTDUMP, MADV_WIPEONFORK or MAP_DROPPABLE, data that returned functions left on the
# stack, and, with --scrub-env or the library's option, environment and arguments. The report
# names each. The dump's mode follows umask, even if it replaces a file with a wider mode.
. "${0%/*}/../lib/functions.sh"

leaks=$top_builddir/tests/dumpfile/leaks
secret=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
first="argv '' HIDDEN '', kept 29, new HIDDEN 'new'"
expected="$first
dontdump '' wipe '' droppable ''"

# finds FILE MARK…: the file has the secret after each of these marks, and nowhere else.
finds()
{
	file=$1
	shift
	same "secrets in $file" "$(printf '%s\n' "$@" | sort)" "$(
		grep -aoE "[a-zA-Z]*[-=]?$secret" "$file" | sed "s/$secret//" | sort -u)"
}

# tells FILE: the output names two zeroed places, and with -v, on kernels that have it, droppable
# memory.
tells()
{
	count=$(grep -c 'warning: zero in the dump, as requested by madvise' "$1")
	[ "$count" = 2 ] || fail "the output is: $(cat "$1")"
}

HIDDEN=env-$secret limited "$leaks" dump "$secret" 2> said || fail "no dump: $(cat said)"
tells said
finds dump kept-
limited env HIDDEN=new ./dump x y > said 2>&1
same "output of the dump" "$expected" "$(cat said)"

# From outside; without the option, environment and arguments are there.
mkfifo in
HIDDEN=env-$secret limited "$leaks" - "$secret" < in > out &
exec 9> in
while [ ! -s out ]
do
	sleep 0.01
done
process=$(cat out)
limited "$UNEXEC_TOOL" dump -v --scrub-env "$process" -o scrubbed 2> said || {
	cat said
	echo >&9
	exec 9>&-
	skip "no dump of a process"
}
tells said
if grep -q ' dp' "/proc/$process/smaps"
then
	grep -q 'note: zero in the dump: droppable memory' said || fail "the output is: $(cat said)"
fi
limited "$UNEXEC_TOOL" dump "$process" -o plain 2> said || fail "$(cat said)"
if command -v gcore > /dev/null && gcore -o core "$process" > said 2>&1
then
	limited "$UNEXEC_TOOL" undump --scrub-env "core.$process" -o undumped 2> said ||
		fail "$(cat said)"
fi
echo >&9
exec 9>&-
wait
# A dump from outside does not know excluded memory.
finds scrubbed exclude- kept-
finds plain exclude- kept- env- ''
echo | limited env HIDDEN=new ./scrubbed > said 2>&1
same "output of scrubbed" "$expected" "$(cat said)"
# gdb leaves mappings with MADV_DONTDUMP out of cores and ignores all other advice.
if [ -e undumped ]
then
	grep -aoE "[a-z]*-$secret" undumped | grep -qv '^\(exclude\|kept\|wipe\|droppable\)-' &&
		fail "secrets in undumped"
	echo | limited env HIDDEN=new ./undumped > said 2>&1
	same "output of undumped" "$first" "$(head -1 said)"
fi

# By run, while it waits for input.
mkfifo in2
HIDDEN=env-$secret limited "$UNEXEC_TOOL" run --scrub-env -o ran -- "$leaks" - "$secret" \
	< in2 > out 2> said &
exec 9> in2
wait $! || fail "$(cat said)"
exec 9>&-
tells said
finds ran exclude- kept-
echo | limited env HIDDEN=new ./ran > said 2>&1
same "output of ran" "$expected" "$(cat said)"

# The mode does not depend on the mode of the replaced file.
for mask in 077 027 022
do
	rm -f dump
	(umask $mask && HIDDEN=x limited "$leaks" dump "$secret") 2> said || fail "$(cat said)"
	same "mode with umask $mask" \
		"$(printf '%o' $((0777 & ~0$mask)))" "$(stat -c %a dump)"
done
umask 077
: > ran2
chmod 4777 ran2
limited "$UNEXEC_TOOL" run --when call:main -o ran2 -- "$leaks" - x 2> said < /dev/null ||
	fail "$(cat said)"
same "mode of what run writes over another file" 700 "$(stat -c %a ran2)"
: > again
chmod 666 again
limited "$UNEXEC_TOOL" undump "core.$process" -o again 2> /dev/null &&
	same "mode of what undump writes over another file" 700 "$(stat -c %a again)"
exit 0
