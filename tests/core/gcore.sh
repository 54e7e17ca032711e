#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core that gdb made of a running process, which has less than a core of the kernel: plain,
# and compressed as coredumpctl stores it.
. "${0%/*}/core.sh"

started env WHEN=before "$subject"
gdb_core
ended
undumped
said_once 'not in a core'
goes_on

# A core of a dump is refused: it does not have the original's state.
cp dump first
started sh -c 'echo; exec ./first'
tries=0
until [ "$(ls /proc/$pid/task | wc -l)" = 4 ] || [ $tries = 500 ]
do
	sleep 0.02
	tries=$((tries + 1))
done
gdb_core
ended
refused "$UNEXEC_TOOL" undump -o none core
says 'of a program that is a dump itself'

started env WHEN=before "$subject"
gdb_core
ended

mv core plain
for program in zstd lz4
do
	command -v $program > /dev/null || continue
	rm -f core dump
	$program -q -c plain > core || exit 99
	undumped
	goes_on
	head -c 20000 core > cut
	mv cut core
	refused "$UNEXEC_TOOL" undump -o dump.cut core
	says truncated
	[ ! -e dump.cut ] || fail "a dump of half a core"
done
