#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps that were made here start on other CPUs, or name what they lack: each is the only program
# of a virtual machine of qemu's (TCG, no privileges). Prints a table; run by hand:
#
#     tests/matrix/cpu.sh BUILD-DIRECTORY KERNEL [PROGRAM…]
#
# KERNEL: a vmlinuz with a serial console, such as that of Debian's linux-image-cloud-amd64.
set -u
build=$(cd "${1:?build directory}" && pwd) kernel=$(realpath "${2:?kernel}")
. "${0%/*}/boot.sh"
shift 2
[ $# -gt 0 ] || set -- lua5.4 python3 perl
make -s -C "$build" tests/matrix/init tests/lib/clean_exec || exit 99
init=$build/tests/matrix/init
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

# dump PROGRAM LEVEL: makes a dump at its prompt, or at its main if it has no prompt.
dump()
{
	# shellcheck disable=SC2086 # nothing or one word
	at_prompt "$1" "$build/tests/lib/clean_exec" "$build/unexec" run -q \
		${2:+--cpu=$2} -o "$work/dump" -- < /dev/null > /dev/null || exit 99
}

# try PROGRAM CPU [VARIABLE]: prints the outcome of the dump on that CPU.
try()
{
	rm -rf root
	make_root root
	cp dump root/dump
	words "$1" > root/words
	# shellcheck disable=SC2086 # nothing or one word
	job root dump 1 /words ${3-} /dump
	boot root "$kernel" "$2" 512 120 '' console
	outcome dump console
}

row()
{
	printf '%-10s %-10s %-10s %s\n' "$@"
}

row program level CPU outcome
for program
do
	for level in '' x86-64-v3 x86-64-v2 baseline
	do
		dump "$program" "$level"
		for cpu in qemu64 Nehalem Haswell max
		do
			row "$program" "${level:-none}" "$cpu" "$(try "$program" "$cpu")"
		done
		[ -n "$level" ] || row "$program" any Nehalem \
			"$(try "$program" Nehalem UNEXEC_CPU=any)"
	done
done
