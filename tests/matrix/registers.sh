#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps of a program that computes in vector registers, made in all ways, on CPUs that have less of
# them, more, or lay them out in another way: each starts as the only program of virtual machines
# (qemu's TCG, no privileges). Prints a table; run by hand:
#
#     tests/matrix/registers.sh BUILD-DIRECTORY KERNEL…
#
# KERNEL: a vmlinuz with a serial console. Needs cores as files (kernel.core_pattern: core).
set -u
build=$(cd "${1:?build directory}" && pwd)
shift
. "${0%/*}/boot.sh"
make -s -C "$build" tests/matrix/init tests/matrix/registers tests/lib/clean_exec || exit 99
init=$build/tests/matrix/init subject=$build/tests/matrix/registers
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cpus='qemu64 Haswell EPYC max max,-pku'

# For libc to choose code that all CPUs can run.
baseline="LD_BIND_NOW=1 $("$build/unexec" run --cpu=baseline -- env 2> /dev/null < /dev/null |
	grep '^GLIBC_TUNABLES=')"

# make_dump WAY REGISTERS: makes the dump $work/here.WAY.REGISTERS.
make_dump()
{
	dump=$work/here.$1.$2
	# shellcheck disable=SC2086 # words
	case $1 in
	library) env $baseline UNEXEC_TOOL="$build/unexec" "$subject" "$2" "$dump" ;;
	run) "$build/unexec" run -q --cpu=baseline -o "$dump" -- "$subject" "$2" < /dev/null ;;
	pid)
		mkfifo "$work/fifo"
		env $baseline "$subject" "$2" < "$work/fifo" &
		pid=$!
		exec 9> "$work/fifo"
		sleep 1
		"$build/unexec" dump -q -o "$dump" $pid
		kill -KILL $pid
		exec 9>&-
		rm "$work/fifo"
		;;
	core)
		rm -f core*
		(ulimit -c unlimited; env $baseline "$subject" "$2" core)
		"$build/unexec" undump -o "$dump" core*
		;;
	esac > "$work/said" 2>&1 < /dev/null
	[ -x "$dump" ] || { echo "no dump by $1 ($2): $(tail -n 1 "$work/said")"; exit 1; }
}

row()
{
	printf '%-8s %-8s' "$1" "$2"
	shift 2
	printf ' %-24s' "$@"
	echo
}

# cell DUMP CONSOLE: prints the missing registers, if any; else the outcome.
cell()
{
	lacks=$(outcome "$1" "$2" | sed -n 's/^refused: //p' | tr -d , | tr ' ' '\n' |
		grep -e -registers -e -keys | tr '\n' ' ')
	if [ -n "$lacks" ]
	then
		echo "lacks $lacks"
	else
		outcome "any.$1" "$2"
	fi
}

cd "$work" || exit 99
ways='library run pid core' all='none avx'
! grep -q '^flags.* avx512f' /proc/cpuinfo || all="$all avx512"
for way in $ways
do
	for registers in $all
	do
		make_dump $way $registers
	done
done
for kernel
do
	for cpu in $cpus
	do
		make_root root
		mkdir root/proc
		echo x > root/input
		for dump in here.*
		do
			cp "$dump" root
			job root "$dump" 1 /input "/$dump"
			# UNEXEC_CPU=any: the program does not use the needed instructions.
			job root "any.$dump" 3 /input UNEXEC_CPU=any "/$dump"
		done
		boot root "$kernel" "$cpu" 512 300 '' "$work/console.$cpu"
		rm -rf root
	done
	echo
	echo "Dumps made here, on $(machine "$work/console.max")"
	# shellcheck disable=SC2086 # a list
	row way values $cpus
	for way in $ways
	do
		for registers in $all
		do
			printf '%-8s %-8s' "$way" "$registers"
			for cpu in $cpus
			do
				printf ' %-24s' "$(cell "here.$way.$registers" \
					"$work/console.$cpu")"
			done
			echo
		done
	done
done
