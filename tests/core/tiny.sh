#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core from another machine (tiny.c) that has all the content it needs: whole, compressed,
# truncated at any place.
. "${0%/*}/core.sh"

cp "$tiny" core
undumped
same "output of the dump" 'Text of before' "$(limited ./dump)"
limited ./dump > /dev/null
same "its status" 7 $?
for program in zstd lz4 gzip
do
	command -v $program > /dev/null || continue
	rm -f core dump
	$program -q -c "$tiny" > core
	if [ $program = gzip ]
	then
		refused "$UNEXEC_TOOL" undump -o none core
		says gunzip
		continue
	fi
	undumped
	same "output of the dump" 'Text of before' "$(limited ./dump)"
	printf 'spoilt' | dd of=core bs=1 seek=600 conv=notrunc 2> /dev/null
	refused "$UNEXEC_TOOL" undump -o none core
	says 'damaged\|truncated'
done
# Sizes at which the end of the output is the end of a buffer, too.
for size in 262144 524288 262145
do
	cp "$tiny" longer
	truncate -s $size longer
	for program in zstd lz4
	do
		command -v $program > /dev/null || continue
		rm -f core dump
		$program -q -c longer > core
		undumped
		same "output of the dump" 'Text of before' "$(limited ./dump)"
	done
done
for length in 0 3 63 64 100 455 456 10000 16384 50000 73727
do
	head -c $length "$tiny" > core
	refused "$UNEXEC_TOOL" undump -o none core
	says 'truncated\|not a core'
done
for core in /nowhere /dev/null . "$UNEXEC_TOOL"
do
	refused "$UNEXEC_TOOL" undump -o none $core
done
[ ! -e none ] || fail "a dump was made all the same"
"$UNEXEC_TOOL" undump "$tiny" 2> said
same "status without -o" 2 $?
"$UNEXEC_TOOL" undump -o none 2> said
same "status without a core" 2 $?
