#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# On which CPUs dumps start that were made here: each is the only program of a virtual machine
# of qemu's (TCG, no privileges). Prints a table; run by hand:
#
#     tests/matrix/cpu.sh BUILD-DIRECTORY KERNEL [PROGRAM…]
#
# KERNEL: a vmlinuz with a serial console, such as that of Debian's linux-image-cloud-amd64.
# Needs qemu-system-x86 and cpio.
set -u
build=$(cd "${1:?build directory}" && pwd) kernel=$(realpath "${2:?kernel}")
shift 2
[ $# -gt 0 ] || set -- lua5.4 python3 perl
make -s -C "$build" tests/matrix/init || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

# What each program is to say 42 with.
words()
{
	case $1 in
	lua*) echo 'print(("x"):rep(42):len()); os.exit(0)' ;;
	python*) echo 'print(len(hashlib.sha256(b"x" * 4096).hexdigest()[:42]))' ;;
	perl) echo 'print length("x" x 42), "\n";' ;;
	*) echo 'echo $((6 * 7))' ;;
	esac
}

# dump PROGRAM LEVEL: at its prompt, or at its main where it has none.
dump()
{
	option=${2:+--cpu=$2}
	case $1 in
	perl) set -- "$1" -e 'while (<STDIN>) { eval $_ }' ;;
	python*) set -- "$1" -i -c 'import hashlib, math, re, ssl; hashlib.sha256(b"y")' ;;
	*) set -- "$1" -i ;;
	esac
	# shellcheck disable=SC2086 # nothing or one word
	"$build/tests/lib/clean_exec" "$build/unexec" run -q $option -o "$work/dump" -- "$@" \
		< /dev/null > /dev/null || exit 99
}

# boot CPU WORDS [VARIABLE]: what becomes of the dump that is started there with that on its
# standard input and, if given, in its environment.
boot()
{
	printf '%s\n' "$2" > words
	rm -rf root
	mkdir -p root/dev
	cp dump root/dump
	cp "$build/tests/matrix/init" root/init
	cp words root/words
	mknod root/dev/console c 5 1 2> /dev/null
	(cd root && find . | cpio -o -H newc --quiet | gzip -1) > initrd
	timeout -k 5 120 qemu-system-x86_64 -accel tcg -cpu "$1" -m 512 -nographic -no-reboot \
		-kernel "$kernel" -initrd initrd -net none \
		-append "console=ttyS0 quiet panic=-1 loglevel=1 ${3-}" < /dev/null 2>&1 |
		tr -d '\r' > console
	if grep -q '^\(.*[^0-9]\)\?42$' console
	then
		echo runs
	elif grep -q 'unexec: this CPU' console
	then
		sed -n 's/.*unexec: this CPU lacks \(.*\), which the dump.*/refused: \1/p' console
	else
		# Of what ended by a signal.
		echo "FAILS: $(grep -o 'status .*' console || tail -n 1 console)"
	fi
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
			row "$program" "${level:-none}" "$cpu" \
				"$(boot "$cpu" "$(words "$program")")"
		done
		[ -n "$level" ] || row "$program" any Nehalem \
			"$(boot Nehalem "$(words "$program")" UNEXEC_CPU=any)"
	done
done
